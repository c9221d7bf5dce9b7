import { documentId, type Key, type KeyRange, type Ticket } from '@reindeer/core';
import { failureKind } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement, type TextRow } from '../postgres/statement.ts';
import type { KeyedRows } from '../source.ts';
import type { SourceContext } from './context.ts';
import { keyColumns, keyText, rangeCondition } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';
import { chosenColumns } from './page.ts';
import { liveRows } from './relation.ts';

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
  // '007' finds the row of 7, whose key it is not: what was asked for is matched by text.
  const asked = new Set(keys.map((key) => JSON.stringify(key)));
  const documents = rows.flatMap((row) => {
    const key = row.slice(0, width).map((text) => text ?? '');
    if (!asked.has(JSON.stringify(key))) return [];
    const [json, f1, f2, inRange] = row.slice(width);
    return [
      { key, id: documentId(key), json: json ?? 'null', f1: Number(f1), f2: Number(f2), inRange: inRange === 't' },
    ];
  });
  return { documents, ticket: drawn };
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
  const condition = rangeCondition(layout, range);
  const next = condition.values.length + 1;
  const row = quoteIdentifier(layout.alias);
  const columns = keyColumns(layout);
  const wanted = layout.key.map((_, place) => `$${next + place}::text[]`);
  // The column's own type and collation, so that its index serves.
  const typed = layout.key.map(
    (column, place) =>
      `w.w${place}::${column.type}${column.collation === null ? '' : ` collate ${column.collation}`} as w${place}`,
  );
  const chosen = chosenColumns(context, layout);
  const document = chosen === null ? row : quoteIdentifier(`${layout.alias}_`);
  const record =
    chosen === null
      ? ''
      : ` cross join lateral (select ${chosen.map((name) => `${row}.${quoteIdentifier(name)}`).join(', ')}) as ${document}`;
  const answer = await runStatement(
    context.pool,
    {
      text: `select ${layout.key.map((column, place) => keyText(column, columns[place] ?? '')).join(', ')},
       row_to_json(${document})::text, (h.hash >> 32) & 4294967295, h.hash & 4294967295, (${condition.sql})
  from (select distinct ${typed.join(', ')}
          from unnest(${wanted.join(', ')}) as w (${layout.key.map((_, place) => `w${place}`).join(', ')})) as w_
  join ${liveRows(context.definition, layout.deletedIsBoolean)} as ${row}
    on (${columns.join(', ')}) = (${layout.key.map((_, place) => `w_.w${place}`).join(', ')})${record}
 cross join lateral (select hashtextextended(${document}::text collate "C", $${next + layout.key.length}::bigint)) as h (hash)`,
      values: [...condition.values, ...layout.key.map((_, place) => keys.map((key) => key[place])), context.seed],
      timeoutMs: READ_TIMEOUT_MS,
    },
    signal,
  );
  return answer.rows;
}
