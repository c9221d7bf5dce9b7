import type { ErrorBudget } from '../definition.ts';
import { addTally, EMPTY_TALLY, type Tally } from '../tally.ts';

export type PromotionDecision =
  | { readonly kind: 'promote' }
  | { readonly kind: 'refuse'; readonly reason: 'count-gate' | 'error-budget'; readonly detail: string };

export interface Evidence {
  readonly slices: readonly { readonly number: number; readonly completed: boolean; readonly tally: Tally }[];
  readonly budget: ErrorBudget;
  /** Documents that a search of the new generation can see. */
  readonly sinkCount: number;
}

/**
 * The gates of a promotion (I6): every slice is done and accounts for every row it read, the error budget holds, and the
 * sink can see at least what was written. It may see more: an owner that died may have written a row that was deleted
 * before its successor read there; that is what the owed refresh repairs.
 */
export function decidePromotion(evidence: Evidence): PromotionDecision {
  // Every plan has a slice, of an empty table too. Without one nothing was looked at, and nothing is proven.
  if (evidence.slices.length === 0) return refuse('count-gate', 'The run has no slices.');
  const open = evidence.slices.find((slice) => !slice.completed);
  if (open !== undefined) return refuse('count-gate', `Slice ${open.number} is not completed.`);
  const unaccounted = evidence.slices.find(({ tally }) => accounted(tally) !== tally.read);
  if (unaccounted !== undefined) {
    const { number, tally } = unaccounted;
    return refuse('count-gate', `Slice ${number} read ${tally.read} rows, but accounts for ${accounted(tally)}.`);
  }
  const total = evidence.slices.reduce((sum, slice) => addTally(sum, slice.tally), EMPTY_TALLY);
  const { maxFailed, maxFailedShare } = evidence.budget;
  // A quotient, not a product: 29 of 100 is 0.29 exactly, but 100 × 0.29 is a little less than 29.
  const share = total.read === 0 ? 0 : total.failed / total.read;
  if (budgetSpent(total.failed, evidence.budget) || share > maxFailedShare) {
    return refuse(
      'error-budget',
      `${total.failed} of ${total.read} documents were refused; permitted are ${maxFailed}, and a share of ${maxFailedShare}. Mend the causes, or raise errors.maxFailed and errors.maxFailedShare.`,
    );
  }
  const indexed = total.written + total.unchanged + total.superseded;
  // Turned round, so that a count that is no number does not pass.
  if (!(evidence.sinkCount >= indexed)) {
    return refuse(
      'count-gate',
      `${indexed} documents were written, but only ${evidence.sinkCount} can be found. If several rows have the same key, make the key unique.`,
    );
  }
  return { kind: 'promote' };
}

/** Is the absolute part of the budget spent? Asked while a run is under way, so that it ends early. */
export function budgetSpent(failed: number, budget: ErrorBudget): boolean {
  return failed > budget.maxFailed;
}

function accounted(tally: Tally): number {
  return tally.written + tally.unchanged + tally.superseded + tally.filtered + tally.deleted + tally.failed;
}

function refuse(reason: 'count-gate' | 'error-budget', detail: string): PromotionDecision {
  return { kind: 'refuse', reason, detail };
}
