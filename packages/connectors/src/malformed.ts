import type { Operation, Outcome } from '@reindeer/core';

/**
 * Half a surrogate pair is no character, and would be sent as U+FFFD: two different ids would silently become one.
 * Everything else that is wrong with a document the server tells.
 */
export function refuseMalformed(operation: Operation): Outcome | null {
  if (operation.id.isWellFormed() && (operation.kind === 'delete' || operation.body.isWellFormed())) return null;
  const what = operation.id.isWellFormed() ? 'body' : 'id';
  return { kind: 'rejected', reason: 'document-refused', detail: `The ${what} holds half of a surrogate pair.` };
}
