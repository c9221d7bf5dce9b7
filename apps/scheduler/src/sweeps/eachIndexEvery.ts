import type { OpenIndex } from '@reindeer/engine';
import type { SweepContext } from '../sweepContext.ts';

/**
 * A sweep that comes to every index at the first round, and then once in `everyMs`. One index that fails keeps no other
 * from its turn. @param failed what the log says of one that failed; it is tried again @param isDue comes to them sooner
 */
export function eachIndexEvery(
  everyMs: number,
  failed: string,
  work: (context: SweepContext, index: OpenIndex) => Promise<unknown>,
  isDue: (context: SweepContext) => Promise<boolean> = async () => false,
): (context: SweepContext) => Promise<void> {
  let dueAt = 0;
  return async (context) => {
    if (!(await isDue(context)) && performance.now() < dueAt) return;
    dueAt = performance.now() + everyMs;
    for (const name of Object.keys(context.config.indexes)) {
      try {
        await work(context, await context.indexes.open(name));
      } catch (error) {
        context.logger.warn({ index: name, error }, failed);
      }
    }
  };
}
