import { documentId, type Key, type KeyRange, type Ticket } from '@reindeer/core';
import { failureKind } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement, type TextRow } from '../postgres/statement.ts';
import type { KeyedRows } from '../source.ts';
import type { SourceContext } from './context.ts';
import { asKey, keyColumns, keyText, rangeCondition } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';
import { rowDocument } from './rowDocument.ts';

const READ_TIMEOUT_MS = 60_000;

/** The rows of these keys, in one statement that begins after the ticket was drawn (rule 1). */
export async function readKeys(
  context: SourceContext,
  keys: readonly Key[],
  range: KeyRange,
  ticket: () => Promise<Ticket>,
  signal: AbortSignal,
): Promise<KeyedRows> {
  const layout = await loadLayout(context, signal);
  const drawn = await ticket();
  const rows = await readNarrowing(context, layout, keys, range, signal);
  const width = layout.key.length;
  // '007' is read as 7, whose text it is not: what was asked for is matched by its text.
  const asked = new Set(keys.map((key) => JSON.stringify(key)));
  const found = rows.flatMap((row) => {
    const key = row.slice(0, width).map((text) => text ?? '');
    if (!asked.has(JSON.stringify(key))) return [];
    const [inRange, json, f1, f2] = row.slice(width);
    const document =
      json === null || json === undefined ? null : { id: documentId(key), json, f1: Number(f1), f2: Number(f2) };
    return [{ key, inRange: inRange === 't', document }];
  });
  return { rows: found, ticket: drawn };
}

/** Keys come from a sink, where a stranger may have written any id: where one cannot be of the column's type, the part is halved. */
async function readNarrowing(
  context: SourceContext,
  layout: Layout,
  keys: readonly Key[],
  range: KeyRange,
  signal: AbortSignal,
): Promise<readonly TextRow[]> {
  // PostgreSQL has no text with a zero byte in it.
  const askable = keys.filter((key) => key.length === layout.key.length && !key.some((text) => text.includes('\0')));
  if (askable.length === 0) return [];
  try {
    return await read(context, layout, askable, range, signal);
  } catch (error) {
    if (failureKind(error) !== 'data') throw error;
    if (askable.length === 1) return [];
  }
  const half = Math.ceil(askable.length / 2);
  return [
    ...(await readNarrowing(context, layout, askable.slice(0, half), range, signal)),
    ...(await readNarrowing(context, layout, askable.slice(half), range, signal)),
  ];
}

async function read(
  context: SourceContext,
  layout: Layout,
  keys: readonly Key[],
  range: KeyRange,
  signal: AbortSignal,
): Promise<readonly TextRow[]> {
  // The keys asked for, under the names of the key's columns.
  const asked = { ...layout, alias: `${layout.alias}_asked` };
  const condition = rangeCondition(asked, range);
  const next = condition.values.length + 1;
  const row = rowDocument(context, layout);
  const names = layout.key.map((column) => quoteIdentifier(column.name));
  // The column's own type and collation, so that its index serves.
  const typed = layout.key.map((column, place) => `${asKey(column, `a.${names[place]}`)} as ${names[place]}`);
  const seed = `$${next + layout.key.length}::bigint`;
  const wanted = layout.key.map((_, place) => `$${next + place}::text[]`).join(', ');
  const askedKeys = keyColumns(asked);
  // A key is never null, so a row that is not there shows by it.
  const found = `${keyColumns(layout)[0]} is not null`;
  const answer = await runStatement(
    context.pool,
    {
      text: `select ${layout.key.map((column, place) => keyText(column, askedKeys[place] ?? '')).join(', ')},
       (${condition.sql}), case when ${found} then ${row.json} end,
       (h.hash >> 32) & 4294967295, h.hash & 4294967295
  from (select distinct ${typed.join(', ')} from unnest(${wanted}) as a (${names.join(', ')})) as ${quoteIdentifier(asked.alias)}
  left join ${row.rows}
    on (${keyColumns(layout).join(', ')}) = (${askedKeys.join(', ')})${row.record}
 cross join lateral (select case when ${found} then ${row.hash(seed)} end) as h (hash)`,
      values: [...condition.values, ...layout.key.map((_, place) => keys.map((key) => key[place])), context.seed],
      timeoutMs: READ_TIMEOUT_MS,
    },
    signal,
  );
  return answer.rows;
}
