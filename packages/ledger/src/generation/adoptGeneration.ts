import { type Ledger, query } from '../ledger.ts';

/**
 * Takes a live generation into a ledger that has forgotten it (rule 17): live, with a refresh owed, because nobody
 * knows what was written to it since. Nothing happens where the ledger knows it, or has another live one.
 * @returns whether it was adopted
 */
export async function adoptGeneration(
  ledger: Ledger,
  live: {
    index: string;
    name: string;
    number: number;
    nonce: string;
    definition: number;
    ticketBound: number;
    epoch: number;
  },
): Promise<boolean> {
  const adopted = await query(
    ledger,
    `with adopted as (
       insert into generations (index, number, name, definition, state, run, nonce, epoch, ticket_bound, promoted_at)
       select $1, $2, $3, $4, 'live', 0, $5, $6, $7, now()
        where not exists (select 1 from generations where index = $1 and (state = 'live' or name = $3 or number = $2))
       returning generation)
     insert into owed_refreshes (index, generation, shard, cause) select $1, generation, 0, 'adopted' from adopted returning 1`,
    [live.index, live.number, live.name, live.definition, live.nonce, live.epoch, live.ticketBound],
  );
  return adopted.length > 0;
}
