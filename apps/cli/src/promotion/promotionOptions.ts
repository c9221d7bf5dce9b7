import type { Verb } from '../verb.ts';

/** What `promote` and `rollback` take. */
export const PROMOTION_OPTIONS = [
  ['--force', 'pass the gates: what is made live may lack changes, and a refresh follows; only with --note'],
  ['--note <text>', 'why, for the audit'],
  ['--wait', 'show what it waits for and exit by its outcome: the default; Ctrl-C leaves the run going'],
  ['--no-wait', 'only ask for it'],
] as const satisfies Verb['options'];
