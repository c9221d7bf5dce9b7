import { createHash } from 'node:crypto';
import type { SourceDocument } from '@reindeer/connectors';
import { bucketOf, checkId, type DocumentStamp, type Operation, type Ticket, type Transform } from '@reindeer/core';
import { parseExactly } from './digits.ts';

export interface Refusal {
  readonly document: string;
  readonly reason: string;
  readonly detail: string;
}

export type Prepared =
  | { readonly kind: 'index'; readonly operation: Extract<Operation, { kind: 'index' }> }
  /** The transform leaves the row out of the index. */
  | { readonly kind: 'filtered'; readonly stamp: DocumentStamp }
  /** It never reaches the sink: its id is too long, or the transform threw. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a row is in the index: a write, nothing, or a refusal. */
export async function prepare(
  document: SourceDocument,
  write: { readonly ticket: Ticket; readonly shard: number },
  transform: Transform | null,
): Promise<Prepared> {
  const tooLong = checkId(document.id);
  if (tooLong !== null) return { kind: 'refused', refusal: { document: shorten(document.id), ...tooLong } };
  const stamp = stampOf(document.id, write);
  const body = transform === null ? document.json : await runTransform(transform, document);
  if (body === null) return { kind: 'filtered', stamp };
  if (typeof body === 'object') return { kind: 'refused', refusal: { document: document.id, ...body } };
  return { kind: 'index', operation: { kind: 'index', ...stamp, body, f1: document.f1, f2: document.f2 } };
}

/** What a write of this document carries (rule 18). */
export function stampOf(id: string, write: { readonly ticket: Ticket; readonly shard: number }): DocumentStamp {
  return { id, ticket: write.ticket, shard: write.shard, bucket: bucketOf(md5(id)) };
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
    // A Date, a String or a Number is an object too, and JSON of another kind.
    const body = JSON.stringify(result) as string | undefined;
    if (body?.startsWith('{')) return body;
    const kind = body === undefined ? 'nothing' : body.startsWith('"') ? 'a text' : 'null, a number or a list';
    return failed(`It returned an object that is ${kind} in JSON. Return a plain one, or null to leave the row out.`);
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
