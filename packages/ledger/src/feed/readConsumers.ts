import type { GenerationState } from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';
import type { StoredPosition } from './position.ts';

/** A generation that needs the log of its source. */
export interface Consumer {
  readonly index: string;
  readonly generation: number;
  readonly name: string;
  readonly state: GenerationState;
  readonly position: StoredPosition;
  /** Below it everything is done with for good: the log may be pruned below the lowest of these (rule 7). */
  readonly echoed: StoredPosition;
  readonly joined: boolean;
  readonly invalid: boolean;
  /** Since the snapshot of its last finished pass, or since it was registered; ms, the same for all that one pass was for. */
  readonly ageMs: number;
}

/**
 * Every consumer of a source's log, of all indexes, as the sweep that prunes it needs them. {@link beginPass} reads those of
 * one index by itself: what it fixes must be of the statement that checks the claim (rule 3), and a sweep holds no claim.
 */
export async function readConsumers(ledger: Ledger): Promise<readonly Consumer[]> {
  return query<Consumer>(
    ledger,
    `select g.index, g.generation::float8 as generation, g.name, g.state, c.position, c.echoed,
            c.joined_at is not null as joined, c.invalid_at is not null as invalid,
            (extract(epoch from now() - coalesce(c.passed_at, c.joined_at, g.created_at)) * 1000)::float8 as "ageMs"
       from consumers c join generations g on g.generation = c.generation
      where c.log = 'source' and g.state not in ('dropping', 'dropped') order by g.generation`,
  );
}

/** Those of an index that is not followed any more: nothing is kept for them. */
export async function dropConsumers(ledger: Ledger, index: string): Promise<number> {
  const gone = await query(
    ledger,
    `delete from consumers c using generations g where g.generation = c.generation and g.index = $1 returning 1`,
    [index],
  );
  return gone.length;
}
