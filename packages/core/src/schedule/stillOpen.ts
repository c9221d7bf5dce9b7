/** Why a run of the same place is not started, and what can be done: at night somebody wants to know which it is to be. */
export function stillOpen(run: number): string {
  return `Run ${run} is still open. \`reindeer show ${run}\` says what it is at, \`reindeer cancel ${run}\` ends it.`;
}
