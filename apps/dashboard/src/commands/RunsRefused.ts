import { type Reason, RefusedError } from '@reindeer/core';

export interface Refusal {
  /** null: the whole index. */
  readonly shard: number | null;
  readonly reason: Reason;
  readonly detail: string;
  /** The run that stands in the way; null: none does. */
  readonly run: number | null;
}

/** Not one run was started. */
export class RunsRefused extends RefusedError {
  readonly refusals: readonly Refusal[];
  constructor(refusals: readonly Refusal[]) {
    const [first] = refusals;
    super(first?.reason ?? 'error', first?.detail ?? 'Nothing was started.');
    this.name = 'RunsRefused';
    this.refusals = refusals;
  }
}
