import { RefusedError } from '@reindeer/core';
import type { LaneRefusal } from '@reindeer/engine';

/** Not one run was started. */
export class RunsRefused extends RefusedError {
  readonly refusals: readonly LaneRefusal[];
  constructor(refusals: readonly LaneRefusal[]) {
    const [first] = refusals;
    super(first?.reason ?? 'error', first?.detail ?? 'Nothing was started.');
    this.name = 'RunsRefused';
    this.refusals = refusals;
  }
}
