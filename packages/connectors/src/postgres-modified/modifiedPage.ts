import { InputError, type Key } from '@reindeer/core';
import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from '../postgres-source/context.ts';
import { asKey, keyColumns, keyText } from '../postgres-source/keySql.ts';
import type { ReadPace } from '../source.ts';
import type { ModifiedRows } from './modifiedRows.ts';

/** Where a pass goes on: after which row, and the latest stamp there was as it began. */
export interface ModifiedCursor {
  readonly upTo: string;
  /** null: at the beginning. */
  readonly after: { readonly modified: string; readonly key: Key } | null;
}

export interface ModifiedRow {
  readonly key: Key;
  readonly version: string | null;
}

/** Before the latest stamp is known. */
export const BEGINNING = '';
const END = 'end';

/** null: every page is read. */
export function cursorText(cursor: ModifiedCursor | null): string {
  return cursor?.after ? JSON.stringify([cursor.upTo, cursor.after.modified, ...cursor.after.key]) : END;
}

export function parseCursor(text: string): ModifiedCursor | typeof BEGINNING | null {
  if (text === END) return null;
  if (text === BEGINNING) return BEGINNING;
  const [upTo, modified, ...key] = text.startsWith('["') ? (JSON.parse(text) as string[]) : [];
  if (upTo === undefined || modified === undefined || key.length === 0) {
    throw new InputError('bad-cursor', `${JSON.stringify(text)} is no place in a pass. Begin the pass again.`);
  }
  return { upTo, after: { modified, key } };
}

/**
 * The latest stamp there is now: a pass ends there, however fast rows change meanwhile. It may lie in the future: who
 * stamps by a clock that is ahead is still seen at once. null: no row has a stamp.
 */
export async function latestStamp(
  { pool }: SourceContext,
  { from, column }: ModifiedRows,
  pace: ReadPace,
  signal: AbortSignal,
): Promise<string | null> {
  const text = `select max(${column}) from ${from}`;
  const { rows } = await runStatement(pool, { text, timeoutMs: pace.timeoutMs }, signal);
  return rows[0]?.[0] ?? null;
}

/** The rows stamped at or after `since`, and after the cursor, in the order of (stamp, key). */
export async function loadModifiedPage(
  { pool }: SourceContext,
  { layout, from, column, type, version }: ModifiedRows,
  since: string,
  cursor: ModifiedCursor,
  pace: ReadPace,
  signal: AbortSignal,
): Promise<{ rows: readonly ModifiedRow[]; next: ModifiedCursor | null }> {
  const columns = keyColumns(layout);
  const order = ['m', ...columns.map((_, place) => `o${place}`)];
  const texts = layout.key.map((one, place) => keyText(one, `p.o${place}`));
  const sizes = layout.key.map((one, place) => `octet_length(${keyText(one, `s.o${place}`)})`).join(' + ');
  const ordered = (alias: string) => order.map((name) => `${alias}.${name}`).join(', ');
  const { after } = cursor;
  const limit = Math.max(1, Math.floor(pace.maxDocuments()));
  const bound =
    after === null
      ? `${column} >= $4::timestamptz::${type}`
      : `(${column}, ${columns.join(', ')}) > ($4::${type}, ${layout.key.map((one, place) => asKey(one, `$${place + 5}`)).join(', ')})`;
  const { rows } = await runStatement(
    pool,
    {
      text: `select p.found, p.m::text, p.version, ${texts.join(', ')}
  from (select s.*, count(*) over () as found, row_number() over sofar as place, sum(${sizes}) over sofar as total
          from (select ${column} as m, ${columns.map((one, place) => `${one} as o${place}`).join(', ')}, ${version} as version
                  from ${from}
                 where ${bound} and ${column} <= $1::${type}
                 order by ${column}, ${columns.join(', ')}
                 limit $2::bigint) as s
        window sofar as (order by ${ordered('s')} rows between unbounded preceding and current row)) as p
 where p.place = 1 or p.total <= $3::bigint
 order by ${ordered('p')}`,
      values: [
        cursor.upTo,
        limit,
        Math.max(1, Math.floor(pace.maxBytes)),
        ...(after === null ? [since] : [after.modified, ...after.key]),
      ],
      timeoutMs: pace.timeoutMs,
    },
    signal,
  );
  const read = rows.map(([, , version, ...key]) => ({ version: version ?? null, key: key.map((text) => text ?? '') }));
  const found = Number(rows[0]?.[0] ?? 0);
  const last = read.at(-1);
  if (last === undefined || (found < limit && rows.length === found)) return { rows: read, next: null };
  return { rows: read, next: { upTo: cursor.upTo, after: { modified: rows.at(-1)?.[1] ?? '', key: last.key } } };
}
