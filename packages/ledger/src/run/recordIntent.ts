import {
  type CatchUp,
  type CatchUpAnswer,
  decideCaughtUp,
  type Lane,
  type RunPhase,
  transitionPhase,
} from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';

export interface PromotionGate {
  readonly generation: number;
  /** `settled`: the pass must have begun after the generation was settled; `asked`: after the run was asked for. */
  readonly after: 'settled' | 'asked';
  readonly maxLagMs: number;
}

/** What the gate says now, without any consequence. */
export async function readCatchUp(ledger: Ledger, run: number, gate: PromotionGate): Promise<CatchUpAnswer> {
  return transaction(ledger, (client) => ask(client, run, gate));
}

/**
 * Records the intent to promote: in one transaction under the finish task's claim the gate is asked, and the run moved to
 * `promoting` if it lets it go (rules 10, 11). Repeatable. @throws RefusedError `lost-claim`
 */
export async function recordIntent(
  ledger: Ledger,
  finish: TaskId & { token: string },
  gate: PromotionGate,
): Promise<CatchUpAnswer> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, finish);
    const answer = await ask(client, finish.run, gate);
    if (answer.kind === 'go') await intend(client, finish.run);
    return answer;
  });
}

/** The same where nothing is asked: changes are not followed, or a person has forced it. */
export async function recordForcedIntent(ledger: Ledger, finish: TaskId & { token: string }): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, finish);
    await intend(client, finish.run);
  });
}

/**
 * Whether a promotion explains that a generation which the ledger had as live is not live in the sink: one is being made,
 * or has been recorded since.
 */
export async function isPromoting(ledger: Ledger, index: string, generation: number): Promise<boolean> {
  const rows = await query(
    ledger,
    `select 1 where exists (select from runs where index = $1 and finished_at is null and phase = 'promoting')
        or not exists (select from generations where generation = $2 and state = 'live')`,
    [index, generation],
  );
  return rows.length > 0;
}

async function intend(client: PoolClient, run: number): Promise<void> {
  const [row] = await query<{ phase: RunPhase }>(client, `select phase from runs where run = $1`, [run]);
  const next = row === undefined ? null : transitionPhase(row.phase, 'verified');
  if (next !== null) await client.query(`update runs set phase = $2 where run = $1`, [run, next]);
}

/** SQL: a hold keeps this lane of the index from running. */
function held(lane: Lane): string {
  return `exists (select from holds h where h.released_at is null and h.run is null
                     and (h.index is null or h.index = g.index) and (h.lane is null or h.lane = '${lane}'))`;
}

/** SQL: the run is about the generation `g`. One that is not planned yet, and has no generation, is about the live one. */
function isOf(run: string): string {
  return `(${run}.generation = g.generation or ${run}.generation is null and g.state = 'live')`;
}

/** SQL: open refreshes of the generation `g`, as numbers. */
const OPEN_REFRESHES = `(
  select coalesce(jsonb_agg(few.run order by few.run), '[]')
    from (select r.run from runs r
           where r.index = g.index and r.lane = 'refresh' and r.finished_at is null and ${isOf('r')}
           order by r.run limit 3) few)`;

/** SQL: the newest failed refresh of a shard that owes one since before, and on which none was begun since; null: none. */
const FAILED_REFRESH = `(
  select jsonb_build_object('run', r.run, 'reason', r.reason) from runs r
   where r.generation = g.generation and r.lane = 'refresh' and r.status = 'failed'
     and exists (select from owed_refreshes d
                  where d.generation = g.generation and d.shard = r.shard and d.discharged_at is null and d.created_at <= r.created_at)
     and not exists (select from runs later
                      where later.index = g.index and later.lane = 'refresh' and later.shard = r.shard and later.run > r.run
                        and later.finished_at is null and ${isOf('later')})
   order by r.run desc limit 1)`;

async function ask(client: PoolClient, run: number, gate: PromotionGate): Promise<CatchUpAnswer> {
  const ms = (time: string) => `(extract(epoch from ${time}) * 1000)::float8`;
  const [row] = await query<CatchUp & { after: number | null }>(
    client,
    `select ${ms('clock_timestamp()')} as now, c.joined_at is not null and c.invalid_at is null as joined, ${ms('c.passed_at')} as "passedAt",
            g.stale_reason as "staleReason", c.trouble, ${ms(gate.after === 'settled' ? 'g.settled_at' : 'r.created_at')} as after,
            (select jsonb_build_object('shards', count(distinct o.shard), 'causes', coalesce(jsonb_agg(distinct o.cause), '[]'),
                                       'runs', ${OPEN_REFRESHES}, 'failed', ${FAILED_REFRESH})
               from owed_refreshes o where o.generation = g.generation and o.discharged_at is null) as owed,
            ${held('incremental')} as "feedHeld", ${held('refresh')} as "refreshHeld"
       from generations g join runs r on r.run = $1
       left join consumers c on c.generation = g.generation and c.log = 'source'
      where g.generation = $2`,
    [run, gate.generation],
  );
  if (row === undefined)
    return { kind: 'refuse', reason: 'generation-gone', detail: 'The generation is not there any more.' };
  if (row.after === null)
    return { kind: 'refuse', reason: 'not-caught-up', detail: 'It was never finished: it is not settled.' };
  return decideCaughtUp(row, { after: row.after, maxLagMs: gate.maxLagMs, joins: gate.after === 'settled' });
}
