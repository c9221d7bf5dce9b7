import type { Key } from '@reindeer/core';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from './context.ts';
import { asKey } from './keySql.ts';
import { layoutJustNow } from './layout.ts';

const TIMEOUT_MS = 30_000;

/** Of each key how many bounds lie below it: only the database compares keys (I10). */
export async function shardsOf(
  context: SourceContext,
  keys: readonly Key[],
  bounds: readonly Key[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  if (keys.length === 0 || bounds.length === 0) return keys.map(() => 0);
  const layout = await layoutJustNow(context, signal);
  const names = layout.key.map((column) => quoteIdentifier(column.name));
  const width = names.length;
  const columns = (alias: string) =>
    layout.key.map((column, place) => asKey(column, `${alias}.${names[place]}`)).join(', ');
  const arrays = (from: number) => names.map((_, place) => `$${from + place}::text[]`).join(', ');
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select (select count(*) from unnest(${arrays(width + 1)}) as b (${names.join(', ')}) where (${columns('b')}) < (${columns('k')}))
  from unnest(${arrays(1)}) with ordinality as k (${names.join(', ')}, "ordinality of keys")
 order by k."ordinality of keys"`,
      values: [
        ...names.map((_, place) => keys.map((key) => key[place])),
        ...names.map((_, place) => bounds.map((bound) => bound[place])),
      ],
      timeoutMs: TIMEOUT_MS,
    },
    signal,
  );
  return rows.map(([count]) => Number(count));
}
