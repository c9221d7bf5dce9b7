import type { Lane } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { type Ledger, query } from '../ledger.ts';
import { type Released, releaseHolds } from './releaseHolds.ts';
import { setHold } from './setHold.ts';

/** The reason of the holds that keep an index from being compared with another database than it was built from. */
export const SOURCE_REPLACED = 'source-replaced';

/**
 * What takes a row that is missing for a delete. A rebuild by hand is the way out, and is not held; nor is the feed, which
 * leaves out by itself what was built from elsewhere, and which a new generation has to join.
 */
export const LANES_OF_THE_SOURCE = ['refresh', 'verify'] as const satisfies readonly Lane[];

/** Holds the lanes that would make the index equal to what the source is now (rule 16). False: they were held already. */
export async function holdSourceReplaced(ledger: Ledger, index: string, note: string): Promise<boolean> {
  let set = false;
  for (const lane of LANES_OF_THE_SOURCE) {
    const scope = { index, lane, run: null, reason: SOURCE_REPLACED };
    if (await setHold(ledger, { ...scope, actor: 'reindeer', note })) set = true;
  }
  return set;
}

/** A person has seen to it: the next comparison looks again. */
export async function releaseSourceReplaced(ledger: Ledger, index: string, actor: string): Promise<Released> {
  const released: Released[] = [];
  for (const lane of LANES_OF_THE_SOURCE)
    released.push(await releaseHolds(ledger, { index, lane, run: null, reason: SOURCE_REPLACED, actor }));
  return {
    holds: released.reduce((sum, { holds }) => sum + holds, 0),
    due: released.flatMap(({ due }) => due),
  };
}

/**
 * Releases these holds when a generation becomes live that was made of the source there is now: in the transaction that
 * records it, before the one that was live is retired. A rebuild reads what is there; a generation from before does so
 * when it is of another source than the one it replaces. Were that wrong, the next comparison would hold again, before
 * it changes anything. Runs that waited go on with the next sweep.
 */
export async function releaseByPromotion(
  client: PoolClient,
  promoted: { readonly run: number; readonly index: string; readonly generation: number },
): Promise<void> {
  await query(
    client,
    `update holds h set released_at = now(), released_by = 'reindeer'
      where h.released_at is null and h.index = $2 and h.reason = '${SOURCE_REPLACED}'
        and ((select lane from runs where run = $1) = 'rebuild'
             or (select start_position ->> 'system' from generations where generation = $3)
                  <> (select start_position ->> 'system' from generations where index = $2 and state = 'live'))`,
    [promoted.run, promoted.index, promoted.generation],
  );
}
