import { RefusedError } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import { GENERATION_COLUMNS, type GenerationDatabaseRow, type GenerationRow, toGeneration } from './generation.ts';

/**
 * Gives the plan task of a run in place the live generation to work on, and notes it in the run: the same again when the
 * planner is another. @throws RefusedError `no-generation`, `superseded`, `lost-claim`.
 */
export async function workInPlace(
  ledger: Ledger,
  plan: TaskId & { token: string; index: string },
): Promise<GenerationRow> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, plan);
    const [row] = await query<GenerationDatabaseRow & { noted: string | null }>(
      client,
      `select ${GENERATION_COLUMNS}, (select generation from runs where run = $2) as noted
         from generations g where g.index = $1 and g.state = 'live'`,
      [plan.index, plan.run],
    );
    if (row === undefined)
      throw new RefusedError(
        'no-generation',
        `Nothing of ${plan.index} is live. Run a rebuild: \`reindeer run ${plan.index}\`.`,
      );
    if (row.noted !== null && row.noted !== row.generation)
      throw new RefusedError(
        'superseded',
        `Another generation of ${plan.index} was promoted while this run was planned.`,
      );
    await client.query(`update runs set generation = $2 where run = $1`, [plan.run, row.generation]);
    return toGeneration(row);
  });
}
