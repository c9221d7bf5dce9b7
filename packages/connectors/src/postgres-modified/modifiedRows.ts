import { InputError } from '@reindeer/core';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { type Layout, loadLayout } from '../postgres-source/layout.ts';
import { everyRow } from '../postgres-source/relation.ts';
import { didYouMean } from '../postgres-source/suggest.ts';

/** The source's rows by the time they were modified, as SQL. */
export interface ModifiedRows {
  readonly layout: Layout;
  /** What stands after `from`: every row, in the index or not (rule 13), under the layout's alias. */
  readonly from: string;
  /** The column, quoted and under the alias. */
  readonly column: string;
  /** Of the column: comparisons happen in it, so that its index serves and what it rounds is rounded on both sides. */
  readonly type: string;
  /** A text that is another one once the row has changed; null where nothing tells. */
  readonly version: string;
}

const CATALOG_TIMEOUT_MS = 30_000;
const TYPES: Readonly<Record<number, string>> = { 1114: 'without time zone', 1184: 'with time zone' };

/** @throws InputError when the column is not there, or holds no time */
export async function loadModifiedRows(context: SourceContext, signal: AbortSignal): Promise<ModifiedRows> {
  const layout = await loadLayout(context, signal);
  const { definition, pool } = context;
  const name = definition.modified ?? '';
  if (!layout.columns.includes(name)) throw unknownColumn(context, name, layout.columns);
  const alias = quoteIdentifier(layout.alias);
  const column = `${alias}.${quoteIdentifier(name)}`;
  const { fields } = await runStatement(
    pool,
    {
      text: `select ${column} from ${everyRow(definition)} as ${alias} limit 0`,
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const { dataTypeID = 0, dataTypeModifier = -1 } = fields[0] ?? {};
  const zone = TYPES[dataTypeID];
  if (zone === undefined) {
    throw new InputError(
      'modified-type',
      `${placeOf(context, 'modified')}: "${name}" is no timestamp. Name a column of type timestamptz (or timestamp, taken as UTC); in a query, cast it.`,
    );
  }
  const hasVersions = await rowsHaveVersions(context, signal);
  return {
    layout,
    column,
    type: `timestamp${dataTypeModifier < 0 ? '' : `(${dataTypeModifier})`} ${zone}`,
    from: `${hasVersions && definition.table !== null ? quoteRelation(definition.table) : everyRow(definition)} as ${alias}`,
    // Of a table, who wrote the row: it stays through HOT, freezing and rewriting of the table (as the place of the row
    // does not). After a crash that lost commits a number may come again, hence the stamp beside it. A query's rows have
    // no such thing. There it is the stamp and the contents: the stamp alone stays when the older of two rows that make
    // it changes; the contents alone may come back, after what lay between was read. So stamps must differ from change
    // to change, which those cut to milliseconds do not always.
    version: hasVersions
      ? `${alias}.xmin::text || ' ' || ${column}::text`
      : `case when extract(microseconds from ${column})::bigint % 1000 <> 0 then ${column}::text || ' ' || hashtextextended(${alias}::text collate "C", 0)::text end`,
  };
}

/** Whether every row is one of a table of this server, also in partitions and children. */
async function rowsHaveVersions({ pool, definition }: SourceContext, signal: AbortSignal): Promise<boolean> {
  if (definition.table === null) return false;
  const { rows } = await runStatement(
    pool,
    {
      text: `with recursive member (oid) as (
               select to_regclass($1)::oid
               union select i.inhrelid from pg_catalog.pg_inherits as i join member as m on i.inhparent = m.oid)
             select bool_and(c.relkind in ('r', 'p', 'm')) from member as m join pg_catalog.pg_class as c on c.oid = m.oid`,
      values: [quoteRelation(definition.table)],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  return rows[0]?.[0] === 't';
}

function unknownColumn(context: SourceContext, name: string, columns: readonly string[]): InputError {
  const { table } = context.definition;
  const where =
    table === null
      ? 'The query does not give it: add it to the select list'
      : `Table ${table.schema}.${table.name} has no such column`;
  return new InputError(
    'column-unknown',
    `${placeOf(context, 'modified')}: column "${name}" is not there. ${where}${didYouMean(name, columns)} Its columns are: ${columns.join(', ')}.`,
  );
}
