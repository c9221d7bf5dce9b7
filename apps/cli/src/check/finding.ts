/** One thing that `check --connect` found out. */
export interface Finding {
  /** `wrong` has a remedy in its text; `unavailable` may work later. */
  readonly kind: 'works' | 'warning' | 'wrong' | 'unavailable';
  /** Where in the configuration. */
  readonly place: string;
  readonly text: string;
  /** An error's stable code. */
  readonly code: string | null;
}
