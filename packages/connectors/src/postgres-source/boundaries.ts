import type { Key, KeyRange } from '@reindeer/core';
import { runStatement, type TextRow } from '../postgres/statement.ts';
import { streamRows } from '../postgres/stream.ts';
import type { SourceContext } from './context.ts';
import { keyColumns, keyText, rangeCondition } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';
import { planCost } from './planCost.ts';
import { liveRows } from './relation.ts';
import { tableSize } from './tableSize.ts';

/**
 * A pass over all keys that the planner puts below this cost (about half a million keys, a second or two; some times
 * that where the table was never vacuumed and its rows lie in another order) is exact. Above, the keys are sampled.
 * A query, a view or a foreign table cannot be sampled, so there the pass is always made.
 * Higher: exact pieces of larger tables, for a longer read before the first slice starts. Lower: the reverse.
 */
export const EXACT_BOUNDARIES_COST = 50_000;

/** Keys wanted in a sample, at least; and blocks of the table for each piece, because the rows of a block belong together. */
const SAMPLE_ROWS = 50_000;
const SAMPLE_BLOCKS_PER_PIECE = 100;
/** A sample that came out smaller than this for each piece is taken again, eight times as large. */
const SAMPLE_ROWS_PER_PIECE = 20;
const BOUNDARIES_TIMEOUT_MS = 30 * 60_000;

/**
 * Upper bounds that cut the range's rows into equal pieces: keys that are there, in the database's order, all different.
 * With 100 blocks for each piece, a piece of a sampled table is off by about a tenth where neighbours in the table are
 * neighbours in key order, and by far less where they are not.
 */
export async function* findBoundaries(
  context: SourceContext,
  range: KeyRange,
  pieces: number,
  signal: AbortSignal,
): AsyncGenerator<Key, void, undefined> {
  signal.throwIfAborted();
  if (pieces <= 1) return;
  const layout = await loadLayout(context, signal);
  const rows = await sampledBoundaries(context, layout, range, pieces, signal);
  let last: Key | undefined;
  for await (const row of rows ?? exactBoundaries(context, layout, range, pieces, signal)) {
    const key = row.slice(0, layout.key.length).map((text) => text ?? '');
    // Keys of a query may come twice: its key is not proven unique.
    if (last === undefined || key.some((text, place) => text !== last?.[place])) yield key;
    last = key;
  }
}

function exactBoundaries(
  context: SourceContext,
  layout: Layout,
  range: KeyRange,
  pieces: number,
  signal: AbortSignal,
): AsyncIterable<TextRow> {
  const { sql, values } = rangeCondition(layout, range);
  const from = `${liveRows(context.definition, layout.deletedIsBoolean)} as "${layout.alias}" where ${sql}`;
  const text = `with counted as materialized (select count(*) as n from ${from})
${quantiles(layout, `select ${orderedKey(layout)} from ${from}`, values.length + 1)}`;
  return streamRows(context.pool, { text, values: [...values, pieces], timeoutMs: BOUNDARIES_TIMEOUT_MS }, signal);
}

/** null: the table is small, or no table. */
async function sampledBoundaries(
  context: SourceContext,
  layout: Layout,
  range: KeyRange,
  pieces: number,
  signal: AbortSignal,
): Promise<readonly TextRow[] | null> {
  const { sql, values } = rangeCondition(layout, range);
  const keys = `select ${orderedKey(layout)} from ${liveRows(context.definition, layout.deletedIsBoolean)} as "${layout.alias}" where ${sql}`;
  const plan = await planCost(context, `${keys} order by ${order(layout)}`, values, signal);
  if (plan.cost <= context.exactBoundariesCost) return null;
  const size = await tableSize(context, signal);
  if (size === null) return null;
  const wanted = Math.max(SAMPLE_ROWS, pieces * SAMPLE_BLOCKS_PER_PIECE * Math.max(1, size.rows / size.blocks));
  for (let percent = (100 * wanted) / Math.max(1, plan.rows); percent < 100; percent *= 8) {
    const sample = liveRows(context.definition, layout.deletedIsBoolean, Number(percent.toPrecision(4)));
    const text = `with sampled as materialized (select ${orderedKey(layout)} from ${sample} as "${layout.alias}" where ${sql}),
counted as materialized (select count(*) as n from sampled)
${quantiles(layout, 'select * from sampled', values.length + 1)}`;
    const statement = { text, values: [...values, pieces], timeoutMs: BOUNDARIES_TIMEOUT_MS };
    const { rows } = await runStatement(context.pool, statement, signal);
    if (Number(rows[0]?.[layout.key.length] ?? 0) >= pieces * SAMPLE_ROWS_PER_PIECE) return rows;
  }
  // So few rows are in the index that the whole must be read to find them.
  return null;
}

/**
 * The rows where (place × pieces) / n steps up: the last of each piece but the last. Nothing is reckoned with keys, so
 * any ordered type will do. Only the chosen keys become text.
 */
function quantiles(layout: Layout, keys: string, piecesParameter: number): string {
  const columns = layout.key.map((_, place) => `o${place}`);
  const n = '(select n from counted)';
  const pieces = `$${piecesParameter}::bigint`;
  return `select ${layout.key.map((column, place) => keyText(column, `p.o${place}`)).join(', ')}, ${n}
  from (select k.*, row_number() over (order by ${columns.map((name) => `k.${name}`).join(', ')}) as place from (${keys}) as k) as p
 where p.place < ${n} and p.place * ${pieces} / ${n} > (p.place - 1) * ${pieces} / ${n}
 order by ${columns.map((name) => `p.${name}`).join(', ')}`;
}

function orderedKey(layout: Layout): string {
  return keyColumns(layout)
    .map((column, place) => `${column} as o${place}`)
    .join(', ');
}

function order(layout: Layout): string {
  return keyColumns(layout).join(', ');
}
