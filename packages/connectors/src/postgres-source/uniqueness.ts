import { InputError } from '@reindeer/core';
import { failureKind } from '../postgres/failure.ts';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from './context.ts';
import { keyColumns } from './keySql.ts';
import type { Layout } from './layout.ts';
import { everyRow } from './relation.ts';

/** How many rows of a query too large to check are looked at. */
const SAMPLE_ROWS = 10_000;
const CHECK_TIMEOUT_MS = 10_000;

/**
 * A key that is twice would make one document of two rows; one that is null is on no page.
 * @returns warnings: where the database gives no proof
 * @throws InputError when the key is not unique, or can be null
 */
export async function checkUniqueness(
  context: SourceContext,
  layout: Layout,
  isSmall: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const { table } = context.definition;
  if (table === null) return await checkRows(context, layout, isSmall, signal);
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select c.relkind,
                    (select string_agg(quote_ident(k.name), ', ')
                       from unnest($2::text[]) as k (name)
                       join pg_attribute as a on a.attrelid = c.oid and a.attname = k.name and not a.attnotnull),
                    exists (select from pg_index as i
                             where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
                               and (select bool_and(coalesce(a.attname = any ($2::text[]), false))
                                      from unnest(i.indkey::int2[]) with ordinality as part (number, place)
                                      left join pg_attribute as a on a.attrelid = c.oid and a.attnum = part.number and part.number > 0
                                     where part.place <= i.indnkeyatts)),
                    exists (select from pg_index as i
                              join pg_class as ic on ic.oid = i.indexrelid
                              join pg_am as am on am.oid = ic.relam and am.amname = 'btree'
                             where i.indrelid = c.oid and i.indisvalid and i.indpred is null
                               and i.indnkeyatts >= cardinality($2::text[])
                               and (select array_agg(a.attname::text order by part.place)
                                      from unnest(i.indkey::int2[]) with ordinality as part (number, place)
                                      left join pg_attribute as a on a.attrelid = c.oid and a.attnum = part.number and part.number > 0
                                     where part.place <= cardinality($2::text[])) = $2::text[])
               from pg_class as c where c.oid = to_regclass($1)`,
      values: [quoteRelation(table), context.definition.key],
      timeoutMs: CHECK_TIMEOUT_MS,
    },
    signal,
  );
  const [kind, nullable, isUnique, isOrdered] = rows[0] ?? [];
  if (kind !== 'r' && kind !== 'p') return await checkRows(context, layout, isSmall, signal);
  if (nullable !== null && nullable !== undefined) throw nullableKey(context, nullable);
  if (isUnique !== 't') throw notUnique(context, '');
  if (isOrdered === 't') return [];
  return [
    `${placeOf(context, 'key')}: no index is in the order (${keyNames(context)}), so each page may sort the whole table. Run: CREATE INDEX CONCURRENTLY ON ${quoteRelation(table)} (${keyNames(context)});`,
  ];
}

/** A query, a view or a foreign table has no index to prove it: the rows themselves are looked at, all or some. */
async function checkRows(
  context: SourceContext,
  layout: Layout,
  isSmall: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const columns = keyColumns(layout);
  const some = `(select ${columns.join(', ')} from ${everyRow(context.definition)} as ${quoteIdentifier(layout.alias)}${isSmall ? '' : ` limit ${SAMPLE_ROWS}`}) as ${quoteIdentifier(layout.alias)}`;
  const place = placeOf(context, 'key');
  try {
    const twice = await runStatement(
      context.pool,
      {
        text: `select ${columns.map((column) => `${column}::text`).join(', ')} from ${some}
                where ${columns.map((column) => `${column} is not null`).join(' and ')}
                group by ${columns.join(', ')} having count(*) > 1 limit 1`,
        timeoutMs: CHECK_TIMEOUT_MS,
      },
      signal,
    );
    if (twice.rows[0] !== undefined)
      throw notUnique(context, ` For one, ${JSON.stringify(twice.rows[0])} is there twice.`);
    for (const [number, column] of columns.entries()) {
      const text = `select 1 from ${some} where ${column} is null limit 1`;
      const nulls = await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
      if (nulls.rows.length > 0) throw nullableKey(context, quoteIdentifier(context.definition.key[number] ?? ''));
    }
  } catch (error) {
    if (failureKind(error) !== 'cancelled' || signal.aborted) throw error;
    return [
      `${place}: that (${keyNames(context)}) is unique and never null could not be checked within ${CHECK_TIMEOUT_MS / 1000} s, and no index of the database proves it. Make sure that it is.`,
    ];
  }
  const seen = isSmall ? 'all rows as they are now' : `a sample of ${SAMPLE_ROWS} rows`;
  return [
    `${place}: that (${keyNames(context)}) is unique and never null holds for ${seen}, but no index of the database proves it. Make sure that it stays so.`,
  ];
}

function keyNames(context: SourceContext): string {
  return context.definition.key.map(quoteIdentifier).join(', ');
}

function nullableKey(context: SourceContext, names: string): InputError {
  const { table } = context.definition;
  const remedy =
    table === null
      ? `Exclude the nulls in the query with "${names} is not null", or choose a key that is never null.`
      : `Run: ${names
          .split(', ')
          .map((name) => `ALTER TABLE ${quoteRelation(table)} ALTER COLUMN ${name} SET NOT NULL;`)
          .join(' ')} Or choose a key that is never null.`;
  return new InputError(
    'key-nullable',
    `${placeOf(context, 'key')}: ${names} can be null, and a row without a key cannot be found again. ${remedy}`,
  );
}

function notUnique(context: SourceContext, example: string): InputError {
  const { table } = context.definition;
  const names = keyNames(context);
  const remedy =
    table === null
      ? 'Add the columns that make it unique to the key, or remove the duplicates in the query (group by, distinct on).'
      : `No valid unique index covers these columns, or some of them, for all rows. Run: CREATE UNIQUE INDEX CONCURRENTLY ON ${quoteRelation(table)} (${names}); or name the columns of the primary key.`;
  return new InputError('key-not-unique', `${placeOf(context, 'key')}: (${names}) is not unique.${example} ${remedy}`);
}
