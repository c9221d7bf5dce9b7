import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { takeBound } from './modifiedBound.ts';
import { loadModifiedRows } from './modifiedRows.ts';

const CATALOG_TIMEOUT_MS = 30_000;

/**
 * What the owner of a modified column should know.
 * @throws InputError when it cannot be followed
 */
export async function describeModified(context: SourceContext, signal: AbortSignal): Promise<string[]> {
  const { type } = await loadModifiedRows(context, signal);
  const { exactness } = await takeBound(context, signal);
  const place = placeOf(context, 'modified');
  const name = quoteIdentifier(context.definition.modified ?? '');
  return [
    ...(await tableWarnings(context, signal)),
    ...(type.endsWith('without time zone')
      ? [
          `${place}: ${name} has no time zone and is taken as UTC: stamps written in the time of a place west of it are not found. Make it timestamptz.`,
        ]
      : []),
    ...(exactness === 'exact'
      ? []
      : [
          `${place}: a transaction that stays open longer than ${exactness.lagMs} ms (\`lag\`) may be missed until a refresh, since ${exactness.because}`,
        ]),
  ];
}

async function tableWarnings(context: SourceContext, signal: AbortSignal): Promise<string[]> {
  const { table, modified } = context.definition;
  if (table === null) return [];
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select c.relkind in ('r', 'p') and not a.attnotnull,
                    c.relkind in ('r', 'p', 'm') and not exists (
                      select from pg_catalog.pg_index as i
                        join pg_catalog.pg_class as ic on ic.oid = i.indexrelid
                        join pg_catalog.pg_am as am on am.oid = ic.relam and am.amname = 'btree'
                       where i.indrelid = c.oid and i.indisvalid and i.indpred is null and i.indkey[0] = a.attnum)
               from pg_catalog.pg_class as c join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = $2
              where c.oid = to_regclass($1)`,
      values: [quoteRelation(table), modified],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [isNullable, lacksIndex] = rows[0] ?? [];
  const place = placeOf(context, 'modified');
  const name = quoteIdentifier(modified ?? '');
  const keys = [name, ...context.definition.key.map(quoteIdentifier)].join(', ');
  return [
    ...(isNullable === 't'
      ? [
          `${place}: ${name} can be null, and a row in which it is null is found by refreshes alone. When every write sets it: ALTER TABLE ${quoteRelation(table)} ALTER COLUMN ${name} SET NOT NULL;`,
        ]
      : []),
    ...(lacksIndex === 't'
      ? [
          `${place}: no index begins with ${name}, so each look for changes reads the whole table. Run: CREATE INDEX CONCURRENTLY ON ${quoteRelation(table)} (${keys});`,
        ]
      : []),
  ];
}
