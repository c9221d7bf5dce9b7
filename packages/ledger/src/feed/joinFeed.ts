import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';

/**
 * A built generation joins the feed, from its start position (rule 10). Repeatable. False: it was begun when the index was
 * not followed, or was not for a while, and has no position to start from. @throws RefusedError `lost-claim`
 */
export async function joinFeed(
  ledger: Ledger,
  finish: TaskId & { token: string },
  generation: number,
): Promise<boolean> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, finish);
    const joined = await query(
      client,
      `update consumers set joined_at = coalesce(joined_at, now()) where generation = $1 returning 1`,
      [generation],
    );
    return joined.length > 0;
  });
}

/** Generations whose soak is over leave the feed, and are marked in the same statement (rule 10). @returns their names. */
export async function endSoaks(ledger: Ledger): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(
    ledger,
    `with over as (
       update generations set stale_reason = 'soaked'
        where state = 'retained' and stale_reason is null and coalesce(soak_until, now()) <= now()
          and exists (select from consumers c where c.generation = generations.generation) returning generation, name),
     left_feed as (delete from consumers c using over where c.generation = over.generation)
     select name from over`,
  );
  return rows.map(({ name }) => name);
}
