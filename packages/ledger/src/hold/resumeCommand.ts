import type { HoldScope } from './setHold.ts';

/** The command that releases a hold of exactly this scope. */
export function resumeCommand({ index, lane, run }: HoldScope): string {
  const scope = run !== null ? ['--run', run] : [index ?? '--all', lane].filter((part) => part !== null);
  return ['reindeer resume', ...scope].join(' ');
}
