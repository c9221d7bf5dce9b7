/** One condition of a promotion, with what was found: evidence as data, for the log, the API and the page. */
export interface Gate {
  readonly gate: 'count-gate' | 'error-budget' | 'digest-gate' | 'canary-gate';
  readonly passed: boolean;
  /** What was found and what is permitted; where it did not pass, what to do. */
  readonly detail: string;
  readonly found: number;
  /** `found` is at most this, or at least, as the gate's nature is. */
  readonly permitted: number;
}
