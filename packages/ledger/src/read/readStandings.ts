import type { GenerationState } from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';
import { identityOf } from './identitySql.ts';
import type { SourceIdentity } from './readConsumerViews.ts';

/** What the ledger holds to be true of a generation that the sink may have. */
export interface GenerationStanding {
  readonly index: string;
  readonly name: string;
  readonly state: GenerationState;
  /** Of the source when it was begun; null: not recorded. */
  readonly startedFrom: SourceIdentity | null;
  /** Why it is not kept current any more; null: it is. */
  readonly staleReason: string | null;
}

/**
 * Of all generations that were not dropped, oldest first: also of those that are being dropped, and those that follow no
 * log and have no row among {@link readConsumerViews}, because the sink may have each of them.
 */
export async function readStandings(ledger: Ledger): Promise<readonly GenerationStanding[]> {
  return await query<GenerationStanding>(
    ledger,
    `select g.index, g.name, g.state, g.stale_reason as "staleReason",
            ${identityOf('g.start_position')} as "startedFrom"
       from generations g where g.state <> 'dropped' order by g.generation`,
  );
}
