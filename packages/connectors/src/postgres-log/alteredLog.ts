import { runStatement } from '../postgres/statement.ts';
import type { LogTarget } from './logTarget.ts';

const CATALOG_TIMEOUT_MS = 30_000;

/** What `createLogSchema` makes: table, column, type, and what fills it where no statement does. */
const COLUMNS = [
  ['state', 'version', 'integer', ''],
  ['state', 'system', 'text', ''],
  ['state', 'pruned_to', 'pg_snapshot', 'default'],
  ['logs', 'log', 'bigint', ''],
  ['logs', 'relation', 'regclass', ''],
  ['logs', 'key', 'text[]', ''],
  ['logs', 'mode', 'text', ''],
  ['logs', 'triggers', 'integer', ''],
  ['logs', 'began', 'xid8', 'default'],
  ['changes', 'log', 'bigint', ''],
  ['changes', 'xid', 'xid8', 'default'],
  ['changes', 'sequence', 'bigint', 'identity'],
  ['changes', 'key', 'text[]', ''],
] as const;

/**
 * What somebody did to the log's tables, one column of it; null: nothing. The triggers write to them, so that with a column
 * that has another name, or one more that must be given, every write of the application fails.
 */
export async function alteredLog({ schema, writer }: LogTarget, signal: AbortSignal): Promise<string | null> {
  const { rows } = await runStatement(
    writer,
    {
      text: `with has (relation, name, type, filled, needed) as (
  select c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
         case when a.attidentity <> '' then 'identity' when a.atthasdef then 'default' else '' end, a.attnotnull
    from pg_catalog.pg_namespace as n
    join pg_catalog.pg_class as c on c.relnamespace = n.oid and c.relname in ('state', 'logs', 'changes')
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
   where n.nspname = $1
)
select coalesce(w.relation, has.relation), coalesce(w.name, has.name)
  from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as w (relation, name, type, filled)
  full join has on has.relation = w.relation and has.name = w.name
 where case when w.name is null then has.needed and has.filled = ''
            else has.name is null or has.type <> w.type or has.filled <> w.filled end
 order by 1, 2 limit 1`,
      values: [schema, ...[0, 1, 2, 3].map((part) => COLUMNS.map((column) => column[part]))],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [relation, name] = rows[0] ?? [];
  return relation === undefined ? null : `${relation}.${name}`;
}
