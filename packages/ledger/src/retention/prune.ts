import { type Ledger, query } from '../ledger.ts';

const BATCH = 1_000;

/**
 * Deletes old history, in batches, so that no transaction is long (I8): ended runs with their tasks and failures,
 * decisions, released holds, requests, audit entries, sessions and links that ended, and workers long gone.
 * The last completed run of a lane and those a generation still names are kept.
 */
export async function prune(
  ledger: Ledger,
  keep: { runsMs: number; failuresMs: number },
): Promise<{ readonly runs: number; readonly failures: number }> {
  const failures = await deleteInBatches(
    ledger,
    `delete from failures where failure in
       (select failure from failures where failed_at < now() - $1 * interval '1 millisecond' limit ${BATCH})`,
    [keep.failuresMs],
  );
  const runs = await deleteInBatches(
    ledger,
    `delete from runs where run in (
       select r.run from runs r
        where r.finished_at < now() - $1 * interval '1 millisecond'
          and not exists (select 1 from generations g where g.run = r.run and g.state <> 'dropped')
          and r.run <> (select max(k.run) from runs k
                         where k.index = r.index and k.lane = r.lane and k.shard = r.shard)
          and r.run is distinct from (select max(k.run) from runs k
                         where k.index = r.index and k.lane = r.lane and k.shard = r.shard and k.status = 'completed')
        limit ${BATCH})`,
    [keep.runsMs],
  );
  await deleteInBatches(
    ledger,
    `delete from generations where generation in (
       select g.generation from generations g
        where g.state = 'dropped' and g.dropped_at < now() - $1 * interval '1 millisecond'
          and not exists (select 1 from runs r where r.generation = g.generation)
          and g.number < (select max(n.number) from generations n where n.index = g.index)
        limit ${BATCH})`,
    [keep.runsMs],
  );
  await deleteInBatches(
    ledger,
    `delete from decisions where decision in
       (select d.decision from decisions d where d.decided_at < now() - $1 * interval '1 millisecond' limit ${BATCH})`,
    [keep.runsMs],
  );
  await query(ledger, `delete from holds where released_at < now() - $1 * interval '1 millisecond'`, [keep.runsMs]);
  await query(ledger, `delete from audit where at < now() - greatest($1, 31536000000) * interval '1 millisecond'`, [
    keep.runsMs,
  ]);
  await query(ledger, `delete from requests where created_at < now() - interval '7 days'`);
  await query(ledger, `delete from sessions where expires_at < now()`);
  await query(ledger, `delete from sign_in_links where expires_at < now() - interval '1 day'`);
  await query(
    ledger,
    // As long as the runs that show its name. Running tasks have an index; looking for any task would read all history.
    `delete from workers w where w.lease_until < now() - greatest($1::bigint, 604800000) * interval '1 millisecond'
        and not exists (select 1 from tasks t where t.owner = w.worker and t.status = 'running')`,
    [keep.runsMs],
  );
  return { runs, failures };
}

async function deleteInBatches(ledger: Ledger, text: string, values: unknown[]): Promise<number> {
  let total = 0;
  for (;;) {
    const { rowCount } = await ledger.pool.query(text, values);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return total;
  }
}
