/** Reasons that a person sets: by `reindeer pause`, in the console, or by pausing the queue in Bull Board. */
const BY_A_PERSON: ReadonlySet<string> = new Set(['paused', 'queue-paused']);

/** How a refusal names a hold: `paused` when a person set it, else `held`, by a throttle or a guard. */
export function holdReason(hold: { readonly reason: string }): 'paused' | 'held' {
  return BY_A_PERSON.has(hold.reason) ? 'paused' : 'held';
}
