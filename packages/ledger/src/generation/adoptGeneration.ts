import { type Ledger, query } from '../ledger.ts';
import {
  ADOPTED_COLUMNS,
  adoptedRow,
  adoptedValues,
  type FoundGeneration,
  UNKNOWN_DEFINITION,
} from './foundGeneration.ts';

/**
 * Takes a live generation into a ledger that has forgotten it (rule 17): live, with a refresh owed, because nobody
 * knows what was written to it since. One whose definition is forgotten too is left as it is until a rebuild takes its
 * place. Nothing happens where the ledger knows it, or has another live one.
 * @returns whether it was adopted
 */
export async function adoptGeneration(
  ledger: Ledger,
  live: FoundGeneration & { readonly index: string; readonly epoch: number },
): Promise<boolean> {
  const adopted = await query(
    ledger,
    `with adopted as (
       insert into generations (${ADOPTED_COLUMNS})
       select ${adoptedRow('$2::int')}
        where not exists (select 1 from generations where index = $1 and (state = 'live' or name = $3 or number = $2))
       returning generation, definition),
     owed as (
       insert into owed_refreshes (index, generation, shard, cause)
       select $1, generation, 0, 'adopted' from adopted where definition <> ${UNKNOWN_DEFINITION})
     select 1 from adopted`,
    adoptedValues(live.index, live, live.epoch),
  );
  return adopted.length > 0;
}
