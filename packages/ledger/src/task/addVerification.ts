import { type Ledger, query, transaction } from '../ledger.ts';
import { insertSlices, type PlannedSlice } from './planSlices.ts';
import { requireClaim } from './requireClaim.ts';
import type { DueTask, TaskId } from './task.ts';

export type Verification =
  | { readonly kind: 'added'; readonly due: readonly DueTask[] }
  /** Some of its slices are not completed. */
  | { readonly kind: 'under-way'; readonly completed: number; readonly slices: number }
  | { readonly kind: 'completed' };

/**
 * Adds the slices that compare a built generation with its source before it is promoted: once, under the finish task's
 * claim; whoever asks again is told how they stand. `slicesAfter` makes them, numbered after the last that there is.
 * @throws RefusedError `lost-claim`
 */
export async function addVerification(
  ledger: Ledger,
  finish: TaskId & { token: string },
  slicesAfter: (last: number) => readonly PlannedSlice[],
): Promise<Verification> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, finish);
    const [there] = await query<{ last: number; slices: number; completed: number }>(
      client,
      `select coalesce(max(number), 0) as last, count(*) filter (where work = 'digest')::int as slices,
              count(*) filter (where work = 'digest' and status = 'completed')::int as completed
         from tasks where run = $1 and kind = 'slice'`,
      [finish.run],
    );
    const { last = 0, slices = 0, completed = 0 } = there ?? {};
    if (slices > 0) return completed === slices ? { kind: 'completed' } : { kind: 'under-way', completed, slices };
    return { kind: 'added', due: await insertSlices(client, finish.run, slicesAfter(last)) };
  });
}
