import { resumeCommand } from '@reindeer/core';
import type { HoldView } from '@reindeer/ledger';

/** A guard's hold goes when its cause is gone: what that takes. */
export function releaseOf(hold: HoldView, index: string): string {
  return hold.reason === 'source-replaced' ? `reindeer run ${index}` : resumeCommand(hold);
}
