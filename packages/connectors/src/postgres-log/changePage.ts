import type { Key } from '@reindeer/core';
import { InputError } from '@reindeer/core';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { timelineNow } from '../postgres-source/identity.ts';
import type { Position, ReadPace } from '../source.ts';
import type { LogContext } from './logContext.ts';
import { changesPruned, checkServer } from './lookAtLog.ts';
import { hasSeen } from './snapshotSql.ts';

/** The last row of the log that a pass has read: of which table (its place among the context's), by whom, which. */
export interface Cursor {
  readonly table: number;
  readonly xid: string;
  readonly sequence: string;
}

export const BEGINNING: Cursor = { table: 0, xid: '0', sequence: '0' };

const END = 'end';

/** null: every page is read. */
export function cursorText(cursor: Cursor | null): string {
  return cursor === null ? END : `${cursor.table} ${cursor.xid} ${cursor.sequence}`;
}

export function parseCursor(text: string): Cursor | null {
  if (text === END) return null;
  if (text === '') return BEGINNING;
  const [, table, xid, sequence] = /^(\d+) (\d+) (-?\d+)$/.exec(text) ?? [];
  if (table === undefined || xid === undefined || sequence === undefined) {
    throw new InputError('bad-cursor', `${JSON.stringify(text)} is no place in a pass. Begin the pass again.`);
  }
  return { table: Number(table), xid, sequence };
}

export interface LoadedPage {
  readonly keys: readonly Key[];
  /** For each key the last row before the first of the next. */
  readonly lasts: readonly Cursor[];
  readonly refreshOwed: boolean;
  readonly next: Cursor | null;
}

/**
 * The rows after the cursor, of one table. Only transactions that were under way in one of `since`, and those that began
 * after one of them, can be new: each is a span of the index, however much older the log holds. A span is read in order
 * and only as far as the page goes; its beginning is one bound and no two, for the server begins to read at the first
 * that it finds. Pruned-to is read in the same snapshot, so nothing of the page can be missing.
 */
export async function loadChangePage(
  { source, schema, tables, writer }: LogContext,
  since: readonly Position[],
  upTo: Position,
  cursor: Cursor,
  pace: ReadPace,
  signal: AbortSignal,
): Promise<LoadedPage> {
  const table = tables[cursor.table];
  if (table === undefined) return { keys: [], lasts: [], refreshOwed: false, next: null };
  const s = quoteIdentifier(schema);
  const limit = Math.max(1, Math.floor(pace.maxDocuments()));
  const { rows } = await runStatement(
    writer,
    {
      text: `with since (at) as materialized (select unnest($1::pg_snapshot[])),
newer (xid) as materialized (select pg_snapshot_xmax(at) from since order by 1 limit 1),
fresh (low, high) as materialized (
  select xid, pg_snapshot_xmax($2::pg_snapshot) from newer
  union
  select running.xid, running.xid from since, pg_snapshot_xip(since.at) as running (xid)
   where running.xid < (select xid from newer) and pg_visible_in_snapshot(running.xid, $2::pg_snapshot)
), spans (xid, sequence, high) as materialized (
  select greatest(low, $4::xid8), case when low <= $4::xid8 then $5::bigint else -1 end, high
    from fresh where high >= $4::xid8
), found as materialized (
  select c.xid, c.sequence, c.key
    from spans cross join lateral (
      select c.xid, c.sequence, c.key from ${s}.changes as c
       where c.log = $3 and (c.xid, c.sequence) > (spans.xid, spans.sequence) and c.xid <= spans.high
         and pg_visible_in_snapshot(c.xid, $2::pg_snapshot)
       order by c.xid, c.sequence limit $6::bigint) as c
   order by c.xid, c.sequence limit $6::bigint
), sized as (
  select f.*, row_number() over sofar as place, sum(coalesce(octet_length(f.key::text), 4)) over sofar as total from found as f
  window sofar as (order by f.xid, f.sequence rows between unbounded preceding and current row)
)
select ${timelineNow(upTo)}, (select bool_and(${hasSeen('since.at', 'st.pruned_to')}) from since),
       z.xid, z.sequence, to_json(z.key), (select count(*) from found)
  from ${s}.state as st left join sized as z on z.place = 1 or z.total <= $7::bigint
 order by z.place`,
      values: [
        since.map(({ at }) => at),
        upTo.at,
        table.log,
        cursor.xid,
        cursor.sequence,
        limit,
        Math.max(1, Math.floor(pace.maxBytes)),
      ],
      timeoutMs: pace.timeoutMs,
    },
    signal,
  );
  const [first] = rows;
  checkServer(source, upTo.timeline, first?.[0]);
  if (first?.[1] !== 't') throw changesPruned(source.index);
  const seen = new Set<string>();
  const found: { readonly key: Key; last: Cursor }[] = [];
  let refreshOwed = false;
  let last: Cursor | null = null;
  for (const [, , xid, sequence, json] of rows) {
    if (xid === null || xid === undefined) break;
    last = { table: cursor.table, xid, sequence: sequence ?? '0' };
    if (json === null || json === undefined) refreshOwed = true;
    else if (!seen.has(json)) {
      seen.add(json);
      const key = JSON.parse(json) as Key;
      // A key that is null in part is nobody's: it joins nothing, and no document has it.
      if (key.every((text) => text !== null)) found.push({ key, last });
    }
    const newest = found.at(-1);
    if (newest !== undefined) newest.last = last;
  }
  const isFull = last !== null && (Number(first[5]) >= limit || rows.length < Number(first[5]));
  const next = isFull ? last : { table: cursor.table + 1, xid: '0', sequence: '0' };
  const page = { keys: found.map(({ key }) => key), lasts: found.map((one) => one.last), refreshOwed };
  return { ...page, next: next !== null && next.table < tables.length ? next : null };
}
