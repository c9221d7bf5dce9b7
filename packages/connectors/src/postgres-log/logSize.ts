import { runStatement } from '../postgres/statement.ts';
import type { LogSize } from '../source.ts';
import type { LogContext } from './logContext.ts';

/**
 * Rows from the server's statistics, which sessions bring up to date within some ten seconds. A crash of the server loses
 * them; what the last vacuum or analyze found then counts until the first change. Neither reads the table.
 */
export async function logSize({ schema, source }: LogContext, signal: AbortSignal): Promise<LogSize> {
  const { rows } = await runStatement(
    source.pool,
    {
      text: `select coalesce(nullif(pg_stat_get_live_tuples(c.oid), 0), case when pg_stat_get_mod_since_analyze(c.oid) = 0 then c.reltuples::bigint end, 0),
                    pg_total_relation_size(c.oid)
               from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
              where n.nspname = $1 and c.relname = 'changes'`,
      values: [schema],
      timeoutMs: 30_000,
    },
    signal,
  );
  const [live, bytes] = rows[0] ?? [];
  return { rows: Math.max(0, Number(live ?? 0)), bytes: Number(bytes ?? 0) };
}
