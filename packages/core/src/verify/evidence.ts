import type { ErrorBudget } from '../definition.ts';
import { addDifferences, addTally, type Differences, EMPTY_TALLY, NO_DIFFERENCES, type Tally } from '../tally.ts';
import type { Gate } from './gate.ts';

export type PromotionDecision =
  | { readonly kind: 'promote' }
  | { readonly kind: 'refuse'; readonly reason: Gate['gate']; readonly detail: string };

export interface Evidence {
  readonly slices: readonly {
    readonly number: number;
    readonly completed: boolean;
    readonly tally: Tally;
    /** What a slice that compares with the source has found; absent: nothing. */
    readonly differences?: Differences;
  }[];
  readonly budget: ErrorBudget;
  /** Documents that a search of the new generation can see. */
  readonly sinkCount: number;
  /** From `decideCanaries`; absent: none were asked. */
  readonly canaries?: readonly Gate[];
}

/** The first gate that does not pass decides. */
export function decidePromotion(evidence: Evidence): PromotionDecision {
  const closed = weighEvidence(evidence).find(({ passed }) => !passed);
  return closed === undefined ? { kind: 'promote' } : { kind: 'refuse', reason: closed.gate, detail: closed.detail };
}

/**
 * The gates of a promotion (I6): every slice is done and accounts for every row it read, the error budget holds, the sink
 * can see at least what was written, documents are what their rows say, and the canaries are answered. The sink may see
 * more: an owner that died may have written a row that was deleted before its successor read there; where changes are
 * followed the feed deletes it, elsewhere the owed refresh.
 */
export function weighEvidence(evidence: Evidence): readonly Gate[] {
  const { slices } = evidence;
  const total = slices.reduce((sum, slice) => addTally(sum, slice.tally), EMPTY_TALLY);
  const found = slices.reduce(
    (sum, { differences }) => addDifferences(sum, differences ?? NO_DIFFERENCES),
    NO_DIFFERENCES,
  );
  return [
    completed(slices),
    accountedFor(slices, total),
    withinBudget(total, evidence.budget),
    held(total, evidence.sinkCount),
    alike(found),
    ...(evidence.canaries ?? []),
  ];
}

/** Is the absolute part of the budget spent? Asked while a run is under way, so that it ends early. */
export function budgetSpent(failed: number, budget: ErrorBudget): boolean {
  return failed > budget.maxFailed;
}

function completed(slices: Evidence['slices']): Gate {
  const done = slices.filter((slice) => slice.completed).length;
  const gate = { gate: 'count-gate', found: done, permitted: slices.length } as const;
  // Every plan has a slice, of an empty table too. Without one nothing was looked at, and nothing is proven.
  if (slices.length === 0) return { ...gate, passed: false, detail: 'The run has no slices.' };
  const open = slices.find((slice) => !slice.completed);
  if (open !== undefined) return { ...gate, passed: false, detail: `Slice ${open.number} is not completed.` };
  return { ...gate, passed: true, detail: `All ${slices.length} slices are completed.` };
}

function accountedFor(slices: Evidence['slices'], total: Tally): Gate {
  const gate = { gate: 'count-gate', found: accounted(total), permitted: total.read } as const;
  const wrong = slices.find(({ tally }) => accounted(tally) !== tally.read);
  if (wrong === undefined) return { ...gate, passed: true, detail: `All ${total.read} rows are accounted for.` };
  const { number, tally } = wrong;
  const detail = `Slice ${number} read ${tally.read} rows, but accounts for ${accounted(tally)}.`;
  return { ...gate, passed: false, detail };
}

function withinBudget(total: Tally, budget: ErrorBudget): Gate {
  const { maxFailed, maxFailedShare } = budget;
  // A quotient, not a product: 29 of 100 is 0.29 exactly, but 100 × 0.29 is a little less than 29.
  const share = total.read === 0 ? 0 : total.failed / total.read;
  const passed = !budgetSpent(total.failed, budget) && share <= maxFailedShare;
  const told = `${total.failed} of ${total.read} documents were refused; permitted are ${maxFailed}, and a share of ${maxFailedShare}.`;
  const remedy = ' Mend the causes, or raise errors.maxFailed and errors.maxFailedShare.';
  const detail = passed ? told : `${told}${remedy}`;
  return { gate: 'error-budget', found: total.failed, permitted: maxFailed, passed, detail };
}

function held(total: Tally, sinkCount: number): Gate {
  const indexed = total.written + total.unchanged + total.superseded;
  const gate = { gate: 'count-gate', found: sinkCount, permitted: indexed } as const;
  // Turned round, so that a count that is no number does not pass.
  if (sinkCount >= indexed)
    return { ...gate, passed: true, detail: `${indexed} documents were written, and ${sinkCount} can be found.` };
  const detail = `${indexed} documents were written, but only ${sinkCount} can be found. If several rows have the same key, make the key unique.`;
  return { ...gate, passed: false, detail };
}

function alike({ missing, extra, stale }: Differences): Gate {
  const found = missing + extra + stale;
  const gate = { gate: 'digest-gate', found, permitted: 0 } as const;
  if (found === 0) return { ...gate, passed: true, detail: 'No document differs from what its row says.' };
  const detail = `${found} documents are not what their rows say: ${missing} are missing, ${extra} have no row, ${stale} are stale. See the run's differences for which; start a new run once the cause is mended.`;
  return { ...gate, passed: false, detail };
}

function accounted(tally: Tally): number {
  return tally.written + tally.unchanged + tally.superseded + tally.filtered + tally.deleted + tally.failed;
}
