import { quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { followedTables } from './followed.ts';
import type { LogTarget } from './logTarget.ts';

/** Followed tables that the installing role does not own: only an owner may make a trigger fire always. */
export async function tablesOfOthers(
  { context, dependencies, schema, writer }: LogTarget,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { rows } = await runStatement(
    writer,
    {
      text: `select t.name from unnest($1::text[]) as t (name) join pg_catalog.pg_class as c on c.oid = to_regclass(t.name)
              where not pg_has_role(c.relowner, 'usage')`,
      values: [followedTables(context, dependencies, schema).map(({ table }) => quoteRelation(table))],
      timeoutMs: 30_000,
    },
    signal,
  );
  return [...new Set(rows.map(([name]) => name ?? ''))];
}
