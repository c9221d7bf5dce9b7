/** The command that releases a hold of exactly this scope. `run` is null, or left out, where it is on no single run. */
export function resumeCommand(scope: {
  readonly index: string | null;
  readonly lane: string | null;
  readonly run?: number | null;
}): string {
  const { index, lane, run = null } = scope;
  const words = run !== null ? ['--run', run] : [index ?? '--all', lane].filter((part) => part !== null);
  return ['reindeer resume', ...words].join(' ');
}
