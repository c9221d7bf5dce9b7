import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from '../postgres-source/context.ts';

const COMPARE_TIMEOUT_MS = 30_000;

/** Of instants in the database's own text, which alone compares them (I10). */
export async function earliest(
  { pool }: SourceContext,
  instants: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const text = 'select min(i.at) from unnest($1::timestamptz[]) as i (at)';
  const { rows } = await runStatement(pool, { text, values: [instants], timeoutMs: COMPARE_TIMEOUT_MS }, signal);
  return rows[0]?.[0] ?? '';
}
