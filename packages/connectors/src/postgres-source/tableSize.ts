import { quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from './context.ts';

export interface TableSize {
  readonly blocks: number;
  /** Rows at the last ANALYZE or VACUUM; 0 when there was none. */
  readonly rows: number;
}

/** With its partitions. null: no table that can be sampled, but a query, a view or a foreign table. */
export async function tableSize({ pool, definition }: SourceContext, signal: AbortSignal): Promise<TableSize | null> {
  if (definition.table === null) return null;
  const answer = await runStatement(
    pool,
    {
      text: `select sum(pg_relation_size(c.oid)) / current_setting('block_size')::int, sum(greatest(c.reltuples, 0))
               from pg_catalog.pg_class as root
               join pg_catalog.pg_class as c
                 on c.oid = root.oid or c.oid in (select relid from pg_partition_tree(root.oid) where isleaf)
              where root.oid = to_regclass($1) and root.relkind in ('r', 'm', 'p') and c.relkind in ('r', 'm')`,
      values: [quoteRelation(definition.table)],
      timeoutMs: 30_000,
    },
    signal,
  );
  const [blocks, rows] = answer.rows[0] ?? [];
  if (blocks === null || blocks === undefined) return null;
  return { blocks: Math.max(1, Math.ceil(Number(blocks))), rows: Number(rows) };
}
