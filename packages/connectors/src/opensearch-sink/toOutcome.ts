import type { Operation, Outcome } from '@reindeer/core';
import { isBusy, isDiskBlock } from '../opensearch/failure.ts';
import type { ServerFault } from '../opensearch/responseError.ts';
import { refusalDetail } from './refusalDetail.ts';

/** What a bulk answer says of one operation. */
export interface BulkItem {
  readonly status: number;
  readonly error?: ServerFault;
}

/** Not the document's fault, but the generation's or the server's. */
export type ItemTrouble = { readonly trouble: 'gone' | 'disk' | 'denied' | 'blocked'; readonly reason: string };

export function toOutcome(operation: Operation, { status, error }: BulkItem): Outcome | ItemTrouble {
  // A delete of what is not there leaves a tombstone, and is told as 404 without an error (rule 14).
  if (error === undefined) return { kind: operation.kind === 'index' ? 'written' : 'deleted' };
  const { type, reason } = error;
  if (type === 'version_conflict_engine_exception') return { kind: 'superseded', by: winnerIn(reason) };
  // The latter: a delete through an alias that is gone, which no index can be named like (see `writeAlias`).
  if (type === 'index_not_found_exception' || type === 'invalid_index_name_exception') {
    return { trouble: 'gone', reason };
  }
  if (isDiskBlock(error)) return { trouble: 'disk', reason };
  if (type === 'cluster_block_exception' || type === 'index_closed_exception') return { trouble: 'blocked', reason };
  if (status === 401 || status === 403) return { trouble: 'denied', reason };
  if (isBusy({ status, type }) || status >= 500) return { kind: 'busy', retryAfterMs: null };
  return { kind: 'rejected', reason: 'document-refused', detail: refusalDetail(error) };
}

function winnerIn(reason: string): number | null {
  const digits = /current version \[(\d+)\]/.exec(reason)?.[1];
  // Only ever compared: one above 2^53 need not be exact.
  return digits === undefined ? null : Number(digits);
}
