import type { RunTrouble } from './readTroubles.ts';

/** One error that keeps several runs, those of an index's shards say. */
export interface FoldedTrouble extends Omit<RunTrouble, 'run'> {
  readonly runs: readonly number[];
}

/** Troubles with one error are one: a sink that is away would be told once for each shard. */
export function foldTroubles(troubles: readonly RunTrouble[]): readonly FoldedTrouble[] {
  return [...Map.groupBy(troubles, ({ error }) => error)].map(([error, those]) => ({
    error,
    runs: those.map(({ run }) => run).sort((a, b) => a - b),
    tasks: those.reduce((sum, { tasks }) => sum + tasks, 0),
    attempts: Math.max(...those.map(({ attempts }) => attempts)),
    // ISO texts in UTC of one length: their order is that of time.
    since: those.flatMap(({ since }) => since ?? []).sort()[0] ?? null,
    nextAt: those.some(({ nextAt }) => nextAt === null)
      ? null
      : (those.map(({ nextAt }) => nextAt ?? '').sort()[0] ?? null),
  }));
}
