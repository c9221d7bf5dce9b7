import { documentId, InputError, type KeyRange, type Ticket } from '@reindeer/core';
import { runStatement, type TextRow } from '../postgres/statement.ts';
import type { Page, SourceDocument } from '../source.ts';
import { placeOf, type SourceContext } from './context.ts';
import { keyColumns, keyText, rangeCondition } from './keySql.ts';
import type { Layout } from './layout.ts';
import { rowDocument } from './rowDocument.ts';

export interface PageLimits {
  readonly maxDocuments: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** One page, and whether rows of the range follow it. null: the range holds none. */
export async function loadPage(
  context: SourceContext,
  layout: Layout,
  range: KeyRange,
  limits: PageLimits,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<{ page: Page; more: boolean } | null> {
  const condition = rangeCondition(layout, range);
  const answer = await runStatement(
    context.pool,
    {
      text: pageText(context, layout, condition.sql, condition.values.length),
      values: [...condition.values, context.seed, limits.maxDocuments, limits.maxBytes],
      timeoutMs: limits.timeoutMs,
    },
    signal,
  );
  const width = layout.key.length;
  const documents: SourceDocument[] = [];
  let last: readonly string[] | undefined;
  let bytes = 0;
  for (const row of answer.rows) {
    const json = row[width] ?? null;
    if (json === null) return last === undefined ? null : { page: { documents, last, ticket, bytes }, more: true };
    last = readKey(context, row.slice(0, width));
    bytes += Buffer.byteLength(json);
    documents.push({ id: documentId(last), json, f1: Number(row[width + 1]), f2: Number(row[width + 2]) });
  }
  return last === undefined ? null : { page: { documents, last, ticket, bytes }, more: false };
}

/**
 * The inner query reads one row more than wanted and makes the documents; the outer one cuts where the bytes are
 * reached, so that what does not fit never travels. The first row that is not in the page comes without its document,
 * as the sign that there are more: the second row always comes, because the first may alone be too large. The window's
 * order is the inner query's, so nothing is sorted again.
 */
function pageText(context: SourceContext, layout: Layout, condition: string, parameters: number): string {
  const columns = keyColumns(layout);
  const order = columns.map((_, place) => `o${place}`);
  const keys = layout.key.map((column, place) => `${keyText(column, `p.o${place}`)} as k${place}`);
  const [seed, limit, bytes] = [
    `$${parameters + 1}::bigint`,
    `$${parameters + 2}::bigint`,
    `$${parameters + 3}::bigint`,
  ] as const;
  const row = rowDocument(context, layout);
  return `select ${keys.join(', ')},
       case when p.place = 1 or (p.total <= ${bytes} and p.place <= ${limit}) then p.document end,
       (p.hash >> 32) & 4294967295, p.hash & 4294967295
  from (select s.*, row_number() over sofar as place, sum(octet_length(s.document)) over sofar as total
          from (select ${columns.map((column, place) => `${column} as o${place}`).join(', ')},
                       ${row.json} as document,
                       ${row.hash(seed)} as hash
                  from ${row.rows}${row.record}
                 where ${condition}
                 order by ${columns.join(', ')}
                 limit ${limit} + 1) as s
        window sofar as (order by ${order.map((name) => `s.${name}`).join(', ')} rows between unbounded preceding and current row)) as p
 where p.place <= 2 or p.total - octet_length(p.document) <= ${bytes}
 order by ${order.map((name) => `p.${name}`).join(', ')}`;
}

/** A key from its texts. @throws InputError when it is null. */
export function readKey(context: SourceContext, texts: TextRow): string[] {
  return texts.map((text, place) => {
    if (text !== null) return text;
    throw new InputError(
      'key-nullable',
      `${placeOf(context, 'key')}: "${context.definition.key[place]}" is null in some rows. Exclude them with "where", or choose key columns that are never null.`,
    );
  });
}
