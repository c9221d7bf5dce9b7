import type { Key } from '../key.ts';
import type { Reason } from '../reason.ts';

/** Elasticsearch and OpenSearch allow 512 bytes; one limit for all sinks lets an index move between them. */
export const MAX_ID_BYTES = 512;

/** A document's id: one key column as it is; several joined with ':' after '\' and ':' in them are escaped with '\'. */
export function documentId(key: Key): string {
  return key.length === 1 ? (key[0] as string) : key.map((part) => part.replace(/[\\:]/g, '\\$&')).join(':');
}

/** The key whose id this is; null when no key of so many columns has it: the inverse of `documentId`. */
export function keyOfId(id: string, columns: number): Key | null {
  if (columns === 1) return [id];
  const parts: string[] = [''];
  for (let at = 0; at < id.length; at += 1) {
    const escaped = id[at] === '\\';
    if (escaped) at += 1;
    const char = id[at] ?? '';
    if (escaped && char !== ':' && char !== '\\') return null;
    if (!escaped && char === ':') parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.length === columns ? parts : null;
}

/** null when a sink can take the id; else why this document is refused. */
export function checkId(id: string): { readonly reason: Reason; readonly detail: string } | null {
  // A UTF-16 unit is at most three bytes of UTF-8: most ids need no counting.
  if (id.length * 3 <= MAX_ID_BYTES) return null;
  const bytes = new TextEncoder().encode(id).length;
  if (bytes <= MAX_ID_BYTES) return null;
  return {
    reason: 'key-too-long',
    detail: `The id has ${bytes} bytes; ${MAX_ID_BYTES} are permitted. Use a shorter key, such as a number.`,
  };
}
