import type { RunView } from './view.ts';

/**
 * What whoever makes a generation live by hand wants to know: a rebuild that is under way swaps its own in afterwards. null:
 * there is none.
 */
export function rebuildBehind(open: readonly Pick<RunView, 'run' | 'lane' | 'generation'>[]): string | null {
  const rebuild = open.find(({ lane }) => lane === 'rebuild');
  if (rebuild === undefined || rebuild.run === null) return null;
  const { run, generation } = rebuild;
  return `Run ${run}, a rebuild, is under way and makes ${generation ?? 'its generation'} live when it is done. Where that is not wanted: \`reindeer cancel ${run}\`.`;
}
