import type { GenerationState } from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';
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

/** Of all generations that were not dropped, oldest first. */
export async function readStandings(ledger: Ledger): Promise<readonly GenerationStanding[]> {
  return await query<GenerationStanding>(
    ledger,
    `select g.index, g.name, g.state, g.stale_reason as "staleReason",
            case when g.start_position ? 'system'
                 then jsonb_build_object('system', g.start_position -> 'system', 'timeline', g.start_position -> 'timeline') end as "startedFrom"
       from generations g where g.state <> 'dropped' order by g.generation`,
  );
}
