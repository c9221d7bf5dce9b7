import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { asUnavailable, failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from './context.ts';
import { nearestName } from './suggest.ts';

const NO_SUCH_TABLE = '42P01';
const NO_SUCH_SCHEMA = '3F000';

/** The error to throw for one that the server, or the way to it, gave: with its place in the configuration, and the remedy. */
export async function explainProblem(context: SourceContext, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return signal.reason;
  if (error instanceof InputError || error instanceof UnavailableError || error instanceof RefusedError) return error;
  const { connection, definition } = context;
  const told = messageOf(error);
  const from = placeOf(context, definition.table === null ? 'query' : 'table');
  switch (failureKind(error)) {
    case 'unavailable':
    case 'cancelled':
      return asUnavailable(error, 'source-unavailable', `Connection "${connection}"`);
    case 'authentication':
      return new InputError(
        'authentication',
        `connections.${connection}.url: the server refuses it: ${told}. Correct the user, password or database in the url, or pg_hba.conf on the server.`,
        { cause: error },
      );
    case 'permission':
      return new InputError('permission', `${from}: ${told}. ${await remedyForPermission(context, told, signal)}`, {
        cause: error,
      });
    case 'statement': {
      const state = sqlState(error);
      if (definition.table !== null && (state === NO_SUCH_TABLE || state === NO_SUCH_SCHEMA)) {
        return await tableUnknown(context, error, signal);
      }
      const code = definition.table === null ? 'query-invalid' : 'source-invalid';
      return new InputError(code, `${from}: the server does not take it: ${told}.${hintOf(error)}`, { cause: error });
    }
    case 'data':
      return new InputError(
        'source-data',
        `indexes.${context.index}.source: the server cannot read some rows: ${told}. Exclude them with "where", or correct the expression that fails.`,
        { cause: error },
      );
    case 'other':
      if (error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL') {
        return new InputError(
          'url-invalid',
          `connections.${connection}.url is no url. It must be like postgres://user:password@host:5432/database.`,
        );
      }
      return error;
  }
}

/** The server's own hint and place, where it gives one. */
export function hintOf(error: unknown): string {
  if (!(error instanceof Error) || !('hint' in error) || typeof error.hint !== 'string') return '';
  return ` ${error.hint}`;
}

async function tableUnknown(context: SourceContext, error: unknown, signal: AbortSignal): Promise<InputError> {
  const { schema, name } = context.definition.table ?? { schema: '', name: '' };
  const there = await tableNames(context, signal);
  const elsewhere = there.find((table) => table.name === name);
  const nearest = nearestName(`${schema}.${name}`, there.map(fullName));
  const meant = elsewhere === undefined ? nearest : fullName(elsewhere);
  const hint = meant === null ? 'Correct the name, or the database in the url.' : `Did you mean "${meant}"?`;
  return new InputError(
    'table-unknown',
    `${placeOf(context, 'table')}: there is no table "${schema}.${name}" in this database. ${hint}`,
    { cause: error },
  );
}

function fullName(table: { readonly schema: string; readonly name: string }): string {
  return `${table.schema}.${table.name}`;
}

async function tableNames(context: SourceContext, signal: AbortSignal): Promise<{ schema: string; name: string }[]> {
  const text = `select n.nspname, c.relname from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
     order by 1, 2 limit 5000`;
  const { rows } = await runStatement(context.pool, { text, timeoutMs: 10_000 }, signal);
  return rows.map(([schema, name]) => ({ schema: schema ?? '', name: name ?? '' }));
}

async function remedyForPermission(context: SourceContext, told: string, signal: AbortSignal): Promise<string> {
  const answer = await runStatement(context.pool, { text: 'select current_user', timeoutMs: 10_000 }, signal);
  const user = quoteIdentifier(answer.rows[0]?.[0] ?? '');
  const { table } = context.definition;
  if (table !== null) {
    return `Run as its owner: GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} TO ${user}; GRANT SELECT ON ${quoteRelation(table)} TO ${user};`;
  }
  const [, kind, name] = /permission denied for (\S+(?: view)?) (.+)$/.exec(told) ?? [];
  if (kind === 'schema') return `Run as its owner: GRANT USAGE ON SCHEMA ${quoteIdentifier(name ?? '')} TO ${user};`;
  if (kind === 'function') return `Run as its owner: GRANT EXECUTE ON FUNCTION ${name} TO ${user};`;
  return `Run as its owner: GRANT SELECT ON ${await deniedRelation(context, name ?? 'the table', signal)} TO ${user};`;
}

/** The server names what a query may not read without its schema: the only relation of that name that is not to be read. */
async function deniedRelation(context: SourceContext, name: string, signal: AbortSignal): Promise<string> {
  const text = `select n.nspname from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
     where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and not has_table_privilege(c.oid, 'select') limit 2`;
  const { rows } = await runStatement(context.pool, { text, values: [name], timeoutMs: 10_000 }, signal);
  const [schema] = rows[0] ?? [];
  return schema && rows.length === 1 ? quoteRelation({ schema, name }) : quoteIdentifier(name);
}
