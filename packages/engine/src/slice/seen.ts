import { addDifferences, type DifferenceKind, type Differences, NO_DIFFERENCES, type Tally } from '@reindeer/core';
import type { DifferenceExample } from '@reindeer/ledger';
import type { Refusal } from '../transform/prepare.ts';
import type { Sight, Suspect } from './lookAgain.ts';

/** Examples that one batch brings of each kind: the ledger keeps 20 of a run. */
const EXAMPLES = 20;

/** What a batch has seen, beside what the second look sees. */
export interface FirstLook {
  readonly suspects: readonly Suspect[];
  /** Of rows: read, unchanged, filtered. */
  readonly tally: Partial<Tally>;
  readonly refusals: readonly Refusal[];
  /** `rows`: each suspect is a row that was read. `ids`: each was found in the sink alone. */
  readonly from: 'rows' | 'ids';
}

/** What second looks of a batch add up to, without the documents. */
export interface Seen {
  readonly same: number;
  /** Not to be in the index and not there, or another run's. */
  readonly filtered: number;
  readonly refusals: readonly Refusal[];
  readonly differences: Differences;
  readonly examples: readonly DifferenceExample[];
}

export const NOTHING_SEEN: Seen = { same: 0, filtered: 0, refusals: [], differences: NO_DIFFERENCES, examples: [] };

export function addSights(seen: Seen, sights: readonly Sight[]): Seen {
  const count = (...kinds: readonly Sight['kind'][]) => sights.filter(({ kind }) => kinds.includes(kind)).length;
  const found = sights.filter((sight) => sight.kind === 'different');
  const examples = [...seen.examples];
  let differences = seen.differences;
  for (const { difference, operation, detail } of found) {
    differences = addDifferences(differences, { ...NO_DIFFERENCES, [difference]: 1 });
    const kept = examples.filter(({ kind }: { kind: DifferenceKind }) => kind === difference).length;
    if (kept < EXAMPLES) examples.push({ kind: difference, document: operation.id, detail });
  }
  return {
    same: seen.same + count('same'),
    filtered: seen.filtered + count('filtered', 'elsewhere'),
    refusals: [...seen.refusals, ...sights.flatMap((sight) => (sight.kind === 'refused' ? [sight.refusal] : []))],
    differences,
    examples,
  };
}

/**
 * Every row that was read is accounted for. In a verify those that differ are not: nothing became of them, and they are
 * in `differences`. What only the sink held is no row; what was deleted of that is `orphans`.
 */
export function tallyOf(first: FirstLook, seen: Seen, repaired: Tally, failed: number): Tally {
  if (first.from === 'rows') {
    return {
      ...repaired,
      read: first.tally.read ?? 0,
      unchanged: (first.tally.unchanged ?? 0) + seen.same,
      filtered: (first.tally.filtered ?? 0) + seen.filtered,
      failed,
    };
  }
  // Deletes are orphans; a row that came back between the looks was read and written.
  const { deleted, ...rest } = repaired;
  return { ...rest, deleted: 0, orphans: deleted, read: repaired.written + repaired.superseded + failed, failed };
}
