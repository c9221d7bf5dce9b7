import type { Lane } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';
import { moveRun } from '../run/moveRun.ts';
import { settleIdle } from '../run/settleIdle.ts';

/** What a hold is on: everything, an index, a lane of an index, or one run. */
export interface HoldScope {
  readonly index: string | null;
  readonly lane: Lane | null;
  readonly run: number | null;
}

/** Runs that a hold's scope touches: `r` is the run, $1 index, $2 lane, $3 run. */
export const RUNS_IN_SCOPE = `
  ($1::text is null or r.index = $1) and ($2::text is null or r.lane = $2) and ($3::bigint is null or r.run = $3)`;

/** The hold `h` is in force on the run `r`. */
export const HOLDS_RUN = `
  h.released_at is null and (h.index is null or h.index = r.index) and (h.lane is null or h.lane = r.lane)
    and (h.run is null or h.run = r.run)
    -- An owed refresh of a generation that is not live looks itself which source that is of.
    and not (h.reason = 'source-replaced' and coalesce(r.options -> 'generation', 'null') <> 'null')`;

/** Sets a hold, and lets open runs in its scope pause at their next checkpoint. False: that very hold was there. */
export async function setHold(
  ledger: Ledger,
  hold: HoldScope & { reason: string; actor: string; note: string | null },
): Promise<boolean> {
  return transaction(ledger, async (client) => {
    const rows = await query(
      client,
      `insert into holds (index, lane, run, reason, actor, note) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing returning hold`,
      [hold.index, hold.lane, hold.run, hold.reason, hold.actor, hold.note],
    );
    const runs = await query<{ run: string }>(
      client,
      `select r.run from runs r where r.finished_at is null and ${RUNS_IN_SCOPE} order by r.run for no key update`,
      [hold.index, hold.lane, hold.run],
    );
    for (const { run } of runs) {
      await moveRun(client, Number(run), 'pause-asked');
      await settleIdle(client, Number(run));
    }
    return rows.length > 0;
  });
}
