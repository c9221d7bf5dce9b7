import { RefusedError } from '@reindeer/core';

/** Whether a sink's error says that it does not have the generation any more. */
export function isGone(error: unknown): boolean {
  return error instanceof RefusedError && error.reason === 'generation-gone';
}
