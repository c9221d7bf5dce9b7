import type { LogFinding } from './postgres-log/index.ts';

/** How the changes of an index are found, as its server has it now. */
export interface ChangesCheck {
  /** For people, such as `by triggers, logged in the schema reindeer_log`. */
  readonly how: string;
  /** What works but should be known, each with its remedy. */
  readonly warnings: readonly string[];
  /** What is not as it must be in the log; empty where there is none. */
  readonly findings: readonly LogFinding[];
}
