import { RefusedError, WHOLE_INDEX } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import { UNKNOWN_DEFINITION } from './foundGeneration.ts';
import { GENERATION_COLUMNS, type GenerationDatabaseRow, type GenerationRow, toGeneration } from './generation.ts';

/**
 * Gives the plan task of a run in place the live generation to work on, and notes it in the run: the same again when the
 * planner is another. @throws RefusedError `no-generation`, `superseded`, `lost-claim`.
 */
export async function workInPlace(
  ledger: Ledger,
  plan: TaskId & { token: string; index: string; runShard: number; options: { generation: number | null } },
): Promise<GenerationRow> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, plan);
    const [row] = await query<GenerationDatabaseRow & { noted: string | null }>(
      client,
      `select ${GENERATION_COLUMNS}, (select generation from runs where run = $2) as noted
         from generations g
        where g.index = $1 and case when $3::bigint is null then g.state = 'live'
                                    else g.generation = $3 and g.state in ('building', 'live', 'retained', 'failed') end`,
      [plan.index, plan.run, plan.options.generation],
    );
    if (row === undefined && plan.options.generation !== null)
      throw new RefusedError('superseded', `The generation that owed this refresh is not there any more.`);
    if (row === undefined)
      throw new RefusedError(
        'no-generation',
        `Nothing of ${plan.index} is live. Run a rebuild: \`reindeer run ${plan.index}\`.`,
      );
    // Its documents go by other ids, or come from elsewhere: compared with what is there now, all of them would be deleted.
    if (row.stale_reason === 'definition-mismatch')
      throw new RefusedError('definition-mismatch', `${madeOf(row)} Run a rebuild: \`reindeer run ${plan.index}\`.`);
    if (row.noted !== null && row.noted !== row.generation)
      throw new RefusedError(
        'superseded',
        `Another generation of ${plan.index} was promoted while this run was planned.`,
      );
    if (row.noted === null || plan.options.generation !== null)
      await assertPlaces(client, plan, row.shard_bounds.length + 1);
    await client.query(`update runs set generation = $2 where run = $1`, [plan.run, row.generation]);
    return toGeneration(row);
  });
}

function madeOf({ name, definition }: Pick<GenerationDatabaseRow, 'name' | 'definition'>): string {
  return definition === UNKNOWN_DEFINITION
    ? `The ledger had forgotten ${name}, and by which definition it was made: it may be of another table or key than the definition says now.`
    : `${name} was made of another table or key than the definition says now.`;
}

/** A generation with other shards may have come since the run was opened, and took its places (I5). */
async function assertPlaces(
  client: PoolClient,
  { run, index, runShard }: { run: number; index: string; runShard: number },
  shards: number,
): Promise<void> {
  const [row] = await query<{ places: number }>(
    client,
    `select count(*)::int as places from run_places where run = $1 and shard between 0 and $2 - 1`,
    [run, shards],
  );
  if (row?.places === (runShard === WHOLE_INDEX ? shards : 1)) return;
  throw new RefusedError(
    'superseded',
    `A generation of ${index} with other shards (${shards}) was promoted before this run was planned. Start a new run.`,
  );
}
