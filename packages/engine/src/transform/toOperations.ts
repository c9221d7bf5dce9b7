import type { Page } from '@reindeer/connectors';
import type { Operation, Transform } from '@reindeer/core';
import { prepare, type Refusal } from './prepare.ts';

export interface PageOperations {
  readonly operations: readonly Operation[];
  /** Documents that never reach the sink: their id is too long, or the transform threw. */
  readonly refusals: readonly Refusal[];
  /** Rows for which the transform gave null. */
  readonly filtered: number;
  readonly bytes: number;
}

/**
 * A page's documents as writes. `mayBeThere`: this range may have been written before by another owner, so a row that
 * is filtered now is written as a delete (rule 13); in a range never touched it is left out.
 */
export async function toOperations(
  page: Page,
  shard: number,
  transform: Transform | null,
  mayBeThere: boolean,
): Promise<PageOperations> {
  const operations: Operation[] = [];
  const refusals: Refusal[] = [];
  let filtered = 0;
  let bytes = 0;
  for (const document of page.documents) {
    const prepared = await prepare(document, { ticket: page.ticket, shard }, transform);
    switch (prepared.kind) {
      case 'refused':
        refusals.push(prepared.refusal);
        break;
      case 'filtered':
        filtered += 1;
        if (mayBeThere) operations.push({ ...prepared.stamp, kind: 'delete' });
        break;
      case 'index':
        bytes += Buffer.byteLength(prepared.operation.body);
        operations.push(prepared.operation);
    }
  }
  return { operations, refusals, filtered, bytes };
}
