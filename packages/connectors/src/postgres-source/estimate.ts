import { failureKind } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { SourceDescription } from '../source.ts';
import type { SourceContext } from './context.ts';
import type { Layout } from './layout.ts';
import { type PlanCost, planCost } from './planCost.ts';
import { liveRows } from './relation.ts';

/**
 * A count that the planner puts below this cost is made: a second or so. 50,000 is a table of 400 MB that is read as a
 * whole, or some millions of entries of an index. Above, its estimate is taken, which may be off where the table was
 * not analyzed or `where` is intricate.
 */
export const EXACT_COUNT_COST = 50_000;
const COUNT_TIMEOUT_MS = 10_000;
const WIDTH_ROWS = 100;

type Estimate = Pick<SourceDescription, 'rows' | 'rowsExact' | 'rowBytes'>;

export async function estimateRows(context: SourceContext, layout: Layout, signal: AbortSignal): Promise<Estimate> {
  const alias = quoteIdentifier(layout.alias);
  const from = `${liveRows(context.definition, layout.deletedIsBoolean)} as ${alias}`;
  const plan = await planCost(context, `select ${alias} from ${from}`, [], signal);
  const exact = await countRows(context, from, signal);
  return {
    rows: exact ?? Math.round(plan.rows),
    rowsExact: exact !== null,
    rowBytes: await averageBytes(context, from, alias, plan, signal),
  };
}

async function countRows(context: SourceContext, from: string, signal: AbortSignal): Promise<number | null> {
  const text = `select count(*) from ${from}`;
  if ((await planCost(context, text, [], signal)).cost > EXACT_COUNT_COST) return null;
  const row = await rowInTime(context, text, signal);
  return row === null ? null : Number(row);
}

/** Of the document's JSON, over some rows; null when there is none. */
async function averageBytes(
  context: SourceContext,
  from: string,
  alias: string,
  plan: PlanCost,
  signal: AbortSignal,
): Promise<number | null> {
  const text = `select round(avg(octet_length(j))) from (select row_to_json(${alias})::text as j from ${from} limit ${WIDTH_ROWS}) as documents`;
  if ((await planCost(context, text, [], signal)).cost > EXACT_COUNT_COST) return plan.width;
  const average = await rowInTime(context, text, signal);
  return average === null ? null : Number(average);
}

/** null also when it takes too long: the planner was wrong. */
async function rowInTime(context: SourceContext, text: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await runStatement(context.pool, { text, timeoutMs: COUNT_TIMEOUT_MS }, signal);
    return answer.rows[0]?.[0] ?? null;
  } catch (error) {
    if (failureKind(error) === 'cancelled' && !signal.aborted) return null;
    throw error;
  }
}
