import { createHash } from 'node:crypto';

/**
 * The schema of a queue's tables: `reindeer` gives `reindeer_queue`. BullMQ has no prefix on PostgreSQL, and allows
 * simple identifiers only; whatever must be replaced or cut is told apart by a hash.
 */
export function schemaName(prefix: string): string {
  const simple = prefix
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_');
  if (simple === prefix && prefix.length <= 57) return `${prefix}_queue`;
  const hash = createHash('sha256').update(prefix).digest('hex').slice(0, 8);
  return `${simple.slice(0, 48) || '_'}_${hash}_queue`;
}
