import { documentId, type Key, type KeyRange, type Ticket } from '@reindeer/core';
import { failureKind, sqlState } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement, type TextRow } from '../postgres/statement.ts';
import type { KeyedRows, PresentKeys } from '../source.ts';
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
  const found = await lookUp(context, layout, { keys, range, contents: true }, signal);
  const rows = found.map(({ key, inRange, texts: [json, f1, f2] }) => {
    const document =
      json === null || json === undefined ? null : { id: documentId(key), json, f1: Number(f1), f2: Number(f2) };
    return { key, inRange, document };
  });
  return { rows, ticket: drawn };
}

/** Which of these keys have a row. */
export async function presentKeys(
  context: SourceContext,
  keys: readonly Key[],
  range: KeyRange,
  signal: AbortSignal,
): Promise<PresentKeys> {
  const layout = await loadLayout(context, signal);
  const found = await lookUp(context, layout, { keys, range, contents: false }, signal);
  return found.map(({ key, inRange, texts: [present] }) => ({ key, inRange, present: present === 't' }));
}

interface Asked {
  readonly keys: readonly Key[];
  readonly range: KeyRange;
  /** The document and its fingerprints; false: only whether there is a row. */
  readonly contents: boolean;
}

async function lookUp(context: SourceContext, layout: Layout, asked: Asked, signal: AbortSignal) {
  const rows = await readNarrowing(context, layout, asked, signal);
  const width = layout.key.length;
  // '007' is read as 7, whose text it is not: what was asked for is matched by its text.
  const texts = new Set(asked.keys.map((key) => JSON.stringify(key)));
  return rows.flatMap((row) => {
    const key = row.slice(0, width).map((text) => text ?? '');
    if (!texts.has(JSON.stringify(key))) return [];
    return [{ key, inRange: row[width] === 't', texts: row.slice(width + 1) }];
  });
}

/**
 * Keys come from a sink, where a stranger may have written any id: where one cannot be of the column's type, those that
 * can are asked for again. A server that cannot tell which (before PostgreSQL 16) is asked for halves.
 */
async function readNarrowing(
  context: SourceContext,
  layout: Layout,
  asked: Asked,
  signal: AbortSignal,
): Promise<readonly TextRow[]> {
  const { keys } = asked;
  const part = (some: readonly Key[]) => readNarrowing(context, layout, { ...asked, keys: some }, signal);
  // PostgreSQL has no text with a zero byte in it.
  const askable = keys.filter((key) => key.length === layout.key.length && !key.some((text) => text.includes('\0')));
  if (askable.length === 0) return [];
  try {
    return await read(context, layout, { ...asked, keys: askable }, signal);
  } catch (error) {
    if (failureKind(error) !== 'data') throw error;
    if (askable.length === 1) return [];
    const possible = await possibleKeys(context, layout, askable, signal);
    if (possible !== null && possible.length < askable.length) return part(possible);
  }
  const half = Math.ceil(askable.length / 2);
  return [...(await part(askable.slice(0, half))), ...(await part(askable.slice(half)))];
}

const NO_SUCH_FUNCTION = '42883';

/** Those whose texts can be of their columns' types; null: this server, or one of the types, cannot tell. */
async function possibleKeys(
  context: SourceContext,
  layout: Layout,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<readonly Key[] | null> {
  const columns = layout.key.map((_, place) => `k${place}`);
  const tests = layout.key.map((_, place) => `pg_input_is_valid(a.k${place}, $${layout.key.length + place + 1}::text)`);
  try {
    const { rows } = await runStatement(
      context.pool,
      {
        text: `select a.place from unnest(${layout.key.map((_, place) => `$${place + 1}::text[]`).join(', ')})
          with ordinality as a (${columns.join(', ')}, place) where ${tests.join(' and ')}`,
        values: [...layout.key.map((_, place) => keys.map((key) => key[place])), ...layout.key.map(({ type }) => type)],
        timeoutMs: READ_TIMEOUT_MS,
      },
      signal,
    );
    return rows.flatMap(([place]) => {
      const key = keys[Number(place) - 1];
      return key === undefined ? [] : [key];
    });
  } catch (error) {
    if (sqlState(error) === NO_SUCH_FUNCTION || failureKind(error) === 'data') return null;
    throw error;
  }
}

async function read(
  context: SourceContext,
  layout: Layout,
  { keys, range, contents }: Asked,
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
  // Some types hold for equal what prints differently (0 and -0, citext): another text's row is none of this key.
  const same = layout.key.map((column, place) => {
    const [own, other] = [keyColumns(layout)[place], askedKeys[place]].map((one) => keyText(column, one ?? ''));
    return `${own} collate "C" = ${other} collate "C"`;
  });
  // A key is never null, so a row that is not there shows by it.
  const found = `coalesce(${same.join(' and ')}, false)`;
  const columns = contents
    ? `case when ${found} then ${row.json} end, (h.hash >> 32) & 4294967295, h.hash & 4294967295`
    : found;
  const fingerprint = contents
    ? `${row.record}
 cross join lateral (select case when ${found} then ${row.hash(seed)} end) as h (hash)`
    : '';
  const answer = await runStatement(
    context.pool,
    {
      text: `select ${layout.key.map((column, place) => keyText(column, askedKeys[place] ?? '')).join(', ')},
       (${condition.sql}), ${columns}
  from (select ${typed.join(', ')} from unnest(${wanted}) as a (${names.join(', ')})) as ${quoteIdentifier(asked.alias)}
  left join ${row.rows}
    on (${keyColumns(layout).join(', ')}) = (${askedKeys.join(', ')})${fingerprint}`,
      values: [
        ...condition.values,
        ...layout.key.map((_, place) => keys.map((key) => key[place])),
        ...(contents ? [context.seed] : []),
      ],
      timeoutMs: READ_TIMEOUT_MS,
    },
    signal,
  );
  return answer.rows;
}
