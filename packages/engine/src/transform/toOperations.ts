import { createHash } from 'node:crypto';
import type { Page, SourceDocument } from '@reindeer/connectors';
import { bucketOf, checkId, type Operation, type Transform } from '@reindeer/core';
import { parseExactly } from './digits.ts';

export interface Refusal {
  readonly document: string;
  readonly reason: string;
  readonly detail: string;
}

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
    const tooLong = checkId(document.id);
    if (tooLong !== null) {
      refusals.push({ document: shorten(document.id), reason: tooLong.reason, detail: tooLong.detail });
      continue;
    }
    const stamp = { id: document.id, ticket: page.ticket, shard, bucket: bucketOf(md5(document.id)) };
    const body = transform === null ? document.json : await runTransform(transform, document);
    if (typeof body === 'object' && body !== null) {
      refusals.push({ document: document.id, ...body });
    } else if (body === null) {
      filtered += 1;
      if (mayBeThere) operations.push({ kind: 'delete', ...stamp });
    } else {
      bytes += Buffer.byteLength(body);
      operations.push({ kind: 'index', ...stamp, body, f1: document.f1, f2: document.f2 });
    }
  }
  return { operations, refusals, filtered, bytes };
}

async function runTransform(
  transform: Transform,
  document: SourceDocument,
): Promise<string | null | { reason: string; detail: string }> {
  try {
    const result = await transform(parseExactly(document.json));
    if (result === null) return null;
    if (typeof result !== 'object' || Array.isArray(result)) {
      const got = Array.isArray(result) ? 'an array' : typeof result;
      return failed(`It returned ${got}. Return an object, or null to leave the row out of the index.`);
    }
    return JSON.stringify(result);
  } catch (error) {
    return failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

function failed(detail: string): { reason: string; detail: string } {
  return { reason: 'transform-failed', detail: shorten(detail, 1_000) };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Enough to recognise a document by. */
function shorten(text: string, length = 200): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
