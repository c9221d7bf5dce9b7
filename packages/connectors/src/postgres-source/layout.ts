import { InputError } from '@reindeer/core';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { KeyColumn } from '../source.ts';
import { placeOf, type SourceContext } from './context.ts';
import { everyRow } from './relation.ts';
import { didYouMean } from './suggest.ts';

export interface LayoutKey extends KeyColumn {
  readonly isNumeric: boolean;
  readonly isDeterministic: boolean;
}

/** The shape of the source's rows as the database has it now. */
export interface Layout {
  readonly key: readonly LayoutKey[];
  readonly columns: readonly string[];
  readonly deletedIsBoolean: boolean;
  /** A name for a row that no column has, with or without a `_` after it: in SQL a column would be preferred. */
  readonly alias: string;
}

const LAYOUT_TIMEOUT_MS = 30_000;
const BOOLEAN = 16;
const NUMERIC = 1700;

/** What was asked last of each source, and when. */
const last = new WeakMap<SourceContext, { readonly layout: Layout; readonly at: number }>();
const JUST_NOW_MS = 1_000;

/** For comparing keys that were read a moment ago: by the types that they were read by. */
export async function layoutJustNow(context: SourceContext, signal: AbortSignal): Promise<Layout> {
  const known = last.get(context);
  return known !== undefined && performance.now() - known.at < JUST_NOW_MS ? known.layout : loadLayout(context, signal);
}

/**
 * Asked anew for each read, a millisecond or two: a process lives longer than a column's type.
 * @throws InputError when a column of the definition is not there, or a name is there twice
 */
export async function loadLayout(context: SourceContext, signal: AbortSignal): Promise<Layout> {
  const layout = await askLayout(context, signal);
  last.set(context, { layout, at: performance.now() });
  return layout;
}

async function askLayout(context: SourceContext, signal: AbortSignal): Promise<Layout> {
  const { pool, definition } = context;
  const text = `select * from ${everyRow(definition)} as t limit 0`;
  const { fields } = await runStatement(pool, { text, timeoutMs: LAYOUT_TIMEOUT_MS }, signal);
  const columns = fields.map((field) => field.name);
  refuseTwins(context, columns);
  for (const property of ['key', 'columns', 'deleted'] as const) {
    const wanted = definition[property] ?? [];
    for (const name of typeof wanted === 'string' ? [wanted] : wanted) refuseUnknown(context, property, name, columns);
  }
  const keyFields = definition.key.flatMap((name) => fields.find((field) => field.name === name) ?? []);
  const types = await runStatement(
    pool,
    {
      text: `select format_type(t.oid, u.modifier), t.typcollation <> 0
               from unnest($1::oid[], $2::int[]) with ordinality as u (oid, modifier, place)
               join pg_catalog.pg_type as t on t.oid = u.oid order by u.place`,
      values: [keyFields.map((field) => field.dataTypeID), keyFields.map((field) => field.dataTypeModifier)],
      timeoutMs: LAYOUT_TIMEOUT_MS,
    },
    signal,
  );
  const collatable = definition.key.filter((_, place) => types.rows[place]?.[1] === 't');
  const collations = await loadCollations(context, collatable, signal);
  const deleted = fields.find((field) => field.name === definition.deleted);
  return {
    columns,
    key: keyFields.map((field, place) => ({
      name: field.name,
      type: types.rows[place]?.[0] ?? 'text',
      collation: collations.get(field.name)?.name ?? null,
      isNumeric: field.dataTypeID === NUMERIC,
      isDeterministic: collations.get(field.name)?.isDeterministic ?? true,
    })),
    deletedIsBoolean: deleted?.dataTypeID === BOOLEAN,
    alias: freeName(columns),
  };
}

/** Quoted names of the collations, also of a query's columns, which no catalog holds: a join that finds nothing asks the parser. */
async function loadCollations(
  { pool, definition }: SourceContext,
  columns: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, { name: string; isDeterministic: boolean }>> {
  if (columns.length === 0) return new Map();
  const text = `select n.name, coalesce(c.collisdeterministic, true)
      from (select array[${columns.map((name) => `pg_collation_for(t.${quoteIdentifier(name)})`).join(', ')}] as names
              from (select 1) as one left join ${everyRow(definition)} as t on false) as f
     cross join unnest(f.names) with ordinality as n (name, place)
      left join pg_catalog.pg_collation as c on c.oid = to_regcollation(n.name)
     order by n.place`;
  const { rows } = await runStatement(pool, { text, timeoutMs: LAYOUT_TIMEOUT_MS }, signal);
  return new Map(
    columns.flatMap((column, place) => {
      const name = rows[place]?.[0] ?? null;
      return name === null ? [] : [[column, { name, isDeterministic: rows[place]?.[1] === 't' }] as const];
    }),
  );
}

function refuseTwins(context: SourceContext, columns: readonly string[]): void {
  const twin = columns.find((name, place) => columns.indexOf(name) !== place);
  if (twin === undefined) return;
  throw new InputError(
    'column-twice',
    `${placeOf(context, 'query')} gives two columns named "${twin}". Name one of them differently with "as".`,
  );
}

function refuseUnknown(
  context: SourceContext,
  property: 'key' | 'columns' | 'deleted',
  name: string,
  columns: readonly string[],
): void {
  if (columns.includes(name)) return;
  const { table } = context.definition;
  const where =
    table === null ? `The query does not give it` : `Table ${table.schema}.${table.name} has no such column`;
  throw new InputError(
    table === null && property === 'key' ? 'query-lacks-key' : 'column-unknown',
    `${placeOf(context, property)}: column "${name}" is not there. ${where}${didYouMean(name, columns)} Its columns are: ${columns.join(', ')}.`,
  );
}

function freeName(columns: readonly string[]): string {
  let name = 't';
  while (columns.includes(name) || columns.includes(`${name}_`)) name += '_';
  return name;
}
