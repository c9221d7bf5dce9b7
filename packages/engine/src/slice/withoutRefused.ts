import { type Ledger, refusedDocuments } from '@reindeer/ledger';
import type { Sight } from './lookAgain.ts';

/** What this very run was refused is no difference: it is in the run's failures, and the error budget decides on it. */
export async function withoutRefused(ledger: Ledger, run: number, sights: readonly Sight[]): Promise<readonly Sight[]> {
  const missing = sights.flatMap((sight) => (sight.kind === 'different' ? [sight.operation.id] : []));
  if (missing.length === 0) return sights;
  const refused = await refusedDocuments(ledger, run, missing);
  return sights.map((sight) =>
    sight.kind === 'different' && sight.difference !== 'extra' && refused.has(sight.operation.id)
      ? { kind: 'filtered' }
      : sight,
  );
}
