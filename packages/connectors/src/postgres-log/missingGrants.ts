import type { Pool } from 'pg';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { LogFinding } from './logFinding.ts';
import type { LogTarget } from './logTarget.ts';

const CATALOG_TIMEOUT_MS = 30_000;

/** What the role that reads and prunes needs on the log; the application's roles need nothing. */
const NEEDED = [
  { table: 'state', privileges: ['select', 'update'] },
  { table: 'logs', privileges: ['select'] },
  { table: 'changes', privileges: ['select', 'delete'] },
] as const;

/** What `reader` lacks. `owns`: the role that asks owns the followed tables, and could install the log. Asked by the catalogs' rows: who may not use a schema may not even name what is in it. */
export async function missingGrants(
  { writer, schema }: Pick<LogTarget, 'writer' | 'schema'>,
  reader: string,
  owns: boolean,
  signal: AbortSignal,
): Promise<LogFinding[]> {
  const { rows } = await runStatement(
    writer,
    {
      text: `select n.oid is not null and has_schema_privilege($1::name, n.oid, 'usage'),
                    case when n.oid is null then pg_has_role($1::name, current_user, 'usage')
                           and has_database_privilege(current_database(), 'create') end
               from (select (select oid from pg_catalog.pg_namespace where nspname = $2) as oid) as n`,
      values: [reader, schema],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [usage, willOwn] = rows[0] ?? [];
  // A log that is not there yet will belong to whoever installs it, if that is the role that asks.
  if (willOwn === 't' && owns) return [];
  const role = quoteIdentifier(reader);
  const remedy = usage === 't' ? [] : [`grant usage on schema ${quoteIdentifier(schema)} to ${role};`];
  for (const { table, privileges } of NEEDED) {
    const missing = await missingPrivileges({ writer, schema, table, reader, privileges }, signal);
    if (missing.length > 0) {
      remedy.push(`grant ${missing.join(', ')} on ${quoteRelation({ schema, name: table })} to ${role};`);
    }
  }
  if (remedy.length === 0) return [];
  return [{ kind: 'grant-missing', table: null, message: `The role ${role} may not read or prune the log.`, remedy }];
}

async function missingPrivileges(
  of: { writer: Pool; schema: string; table: string; reader: string; privileges: readonly string[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { rows } = await runStatement(
    of.writer,
    {
      text: `select p.privilege
               from unnest($4::text[]) with ordinality as p (privilege, place)
               left join pg_catalog.pg_class as c on c.relname = $2
                and c.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
              where case when c.oid is null then not (pg_has_role($3::name, current_user, 'usage') and coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'create'), false))
                         else not has_table_privilege($3::name, c.oid, p.privilege) end
              order by p.place`,
      values: [of.schema, of.table, of.reader, [...of.privileges]],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  return rows.map(([privilege]) => privilege ?? '');
}
