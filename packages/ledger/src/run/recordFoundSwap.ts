import {
  GENERATION_COLUMNS,
  type GenerationDatabaseRow,
  type GenerationRow,
  toGeneration,
} from '../generation/generation.ts';
import { type Ledger, query, transaction } from '../ledger.ts';

/**
 * Generations of an index whose run ended while its swap may have been under way: cancelled by force, of a changed
 * definition, or failed. All its evidence was there (I6); whether the swap was made only the sink knows.
 */
export async function swapsInDoubt(ledger: Ledger, index: string): Promise<readonly GenerationRow[]> {
  const rows = await query<GenerationDatabaseRow>(
    ledger,
    `select ${GENERATION_COLUMNS} from generations g join runs r on r.run = g.run
      where g.index = $1 and g.state in ('failed', 'dropping') and r.phase = 'promoting' and r.finished_at is not null
      order by g.generation`,
    [index],
  );
  return rows.map(toGeneration);
}

/**
 * Records that the sink shows such a generation: it is live, and the one before is retained. Its run stays ended as it
 * is. A refresh is owed for every shard. False: it is no swap in doubt any more.
 */
export async function recordFoundSwap(
  ledger: Ledger,
  found: { generation: number; epoch: number; documents: number },
): Promise<boolean> {
  return transaction(ledger, async (client) => {
    // A retry of its run comes before this, or finds the generation live.
    const [run] = await query<{ index: string }>(
      client,
      `select r.index from runs r join generations g on g.run = r.run
        where g.generation = $1 and r.phase = 'promoting' and r.finished_at is not null for no key update of r`,
      [found.generation],
    );
    const [still] = await query(
      client,
      `select 1 from generations where generation = $1 and state in ('failed', 'dropping') for no key update`,
      [found.generation],
    );
    if (run === undefined || still === undefined) return false;
    await client.query(
      `update generations set state = 'retained', retired_at = now() where index = $1 and state = 'live'`,
      [run.index],
    );
    await client.query(
      `update generations set state = 'live', epoch = $2, documents = $3, promoted_at = now() where generation = $1`,
      [found.generation, found.epoch, found.documents],
    );
    await client.query(
      `insert into owed_refreshes (index, generation, shard, cause)
       select index, generation, s, 'changes-not-followed'
         from generations, generate_series(0, jsonb_array_length(shard_bounds)) s
        where generation = $1 on conflict do nothing`,
      [found.generation],
    );
    return true;
  });
}
