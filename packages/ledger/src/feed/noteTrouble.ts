import { type Ledger, transaction } from '../ledger.ts';
import { storableText } from '../storableText.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';

/**
 * Puts a generation aside that the sink failed at, while it takes what is written to others: passes go on without it, and
 * its position stands still. It is tried again after as long as its trouble has lasted, of 1 to 15 s, and after ten times
 * what the attempt took: one that only ends by a limit must not cost the others much of their freshness.
 * @throws RefusedError `lost-claim`
 */
export async function noteTrouble(
  ledger: Ledger,
  task: TaskId & { token: string },
  generation: number,
  trouble: { readonly text: string; readonly tookMs: number },
): Promise<void> {
  await transaction(ledger, async (client) => {
    await requireClaim(client, task);
    await client.query(
      `update consumers
          set trouble = $2, troubled_since = coalesce(troubled_since, now()), let_go_at = now(),
              retry_at = now() + greatest($3 * interval '10 milliseconds', interval '1 second',
                                          least(interval '15 seconds', now() - coalesce(troubled_since, now())))
        where generation = $1 and log = 'source'`,
      [generation, storableText(trouble.text), trouble.tookMs],
    );
  });
}
