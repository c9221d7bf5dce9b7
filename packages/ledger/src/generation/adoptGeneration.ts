import { type Ledger, query } from '../ledger.ts';

/**
 * Takes a live generation into a ledger that has forgotten it (rule 17): live, with a refresh owed, because nobody
 * knows what was written to it since. Nothing happens where the ledger knows it, or has another live one. Its definition
 * is known again by its fingerprint; 0 where it is none of this ledger's: then it wants a rebuild.
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
    /** The definition's; left out: it was made before this was kept, and its number has to do. */
    fingerprint?: string;
    /** Of the source that it was built from. */
    system?: string;
  },
): Promise<boolean> {
  const adopted = await query(
    ledger,
    `with adopted as (
       insert into generations (index, number, name, definition, state, run, nonce, epoch, ticket_bound, promoted_at, start_position)
       select $1, $2, $3,
              case when $8::text is null then $4
                   else coalesce((select max(d.number) from definitions d where d.index = $1 and d.fingerprint = $8), 0) end,
              'live', 0, $5, $6, $7, now(), case when $9::text is not null then jsonb_build_object('system', $9::text) end
        where not exists (select 1 from generations where index = $1 and (state = 'live' or name = $3 or number = $2))
       returning generation)
     insert into owed_refreshes (index, generation, shard, cause) select $1, generation, 0, 'adopted' from adopted returning 1`,
    [
      live.index,
      live.number,
      live.name,
      live.definition,
      live.nonce,
      live.epoch,
      live.ticketBound,
      live.fingerprint ?? null,
      live.system ?? null,
    ],
  );
  return adopted.length > 0;
}
