import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from './context.ts';

export interface PlanCost {
  readonly rows: number;
  /** Bytes of a row, as the planner sees it. */
  readonly width: number;
  /** In the planner's units: 1 is a page of 8 kB read in order. */
  readonly cost: number;
}

interface Explained {
  readonly Plan: { readonly 'Plan Rows': number; readonly 'Plan Width': number; readonly 'Total Cost': number };
}

const EXPLAIN_TIMEOUT_MS = 30_000;

/** What the planner expects of a statement, which is not run. */
export async function planCost(
  context: SourceContext,
  text: string,
  values: readonly unknown[],
  signal: AbortSignal,
): Promise<PlanCost> {
  const answer = await runStatement(
    context.pool,
    { text: `explain (format json) ${text}`, values, timeoutMs: EXPLAIN_TIMEOUT_MS },
    signal,
  );
  const plans = JSON.parse(answer.rows[0]?.[0] ?? '[]') as Explained[];
  const plan = plans[0]?.Plan;
  return { rows: plan?.['Plan Rows'] ?? 0, width: plan?.['Plan Width'] ?? 0, cost: plan?.['Total Cost'] ?? 0 };
}
