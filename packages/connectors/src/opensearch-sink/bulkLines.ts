import { checkId, type Operation, type Outcome } from '@reindeer/core';
import { refuseMalformed } from '../malformed.ts';
import { STAMP, stampText } from './stamp.ts';

/** An operation as the lines of a bulk request, or why it is refused before it is sent. */
export type BulkLines = { readonly lines: string } | { readonly refused: Outcome };

/** A body that may have a stamp of its own, perhaps written with escapes: only such are parsed. */
const SUSPICIOUS = new RegExp(`"${STAMP}|\\\\u00`, 'i');

/** What would spoil the whole request, or become a stranger's document, is refused here; the server tells the rest. */
export function bulkLines(operation: Operation): BulkLines {
  const refused = refuseMalformed(operation) ?? refuseId(operation.id);
  if (refused !== null) return { refused };
  const action = `{"${operation.kind}":{"_id":${JSON.stringify(operation.id)},"version":${operation.ticket},"version_type":"external_gte"}}\n`;
  if (operation.kind === 'delete') return { lines: action };
  // Line breaks stand between tokens alone: in a string they are escaped. One left over would begin another action.
  const body = /[\r\n]/.test(operation.body) ? operation.body.replaceAll(/[\r\n]+/g, ' ') : operation.body;
  const inner = /^\s*\{\s*/.exec(body);
  if (inner === null) return refusal('The document is no JSON object.');
  if (SUSPICIOUS.test(body) && hasStamp(body)) {
    return refusal(`The document has a field "${STAMP}" of its own, which is Reindeer's. Rename it in the transform.`);
  }
  const rest = body.slice(inner[0].length);
  // `{}`, or what is cut off there: the server refuses the latter.
  const separator = /^(\}|$)/.test(rest) ? '' : ',';
  return { lines: `${action}{${stampText(operation)}${separator}${rest}\n` };
}

function refuseId(id: string): Outcome | null {
  if (id === '') return { kind: 'rejected', reason: 'document-refused', detail: 'The id is empty.' };
  const problem = checkId(id);
  return problem === null ? null : { kind: 'rejected', ...problem };
}

function refusal(detail: string): BulkLines {
  return { refused: { kind: 'rejected', reason: 'document-refused', detail } };
}

function hasStamp(body: string): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    // The engine takes `_reindeer.b` for the field inside.
    return Object.keys(parsed as object).some((key) => key === STAMP || key.startsWith(`${STAMP}.`));
  } catch {
    // No JSON: the server says so.
    return false;
  }
}
