import type { Lane } from '@reindeer/core';
import { type Ledger, query, transaction } from '../ledger.ts';

export interface TickDecision {
  readonly index: string;
  readonly lane: Lane;
  readonly shard: number;
  readonly outcome: 'started' | 'skipped';
  readonly reason: string | null;
  readonly run: number | null;
  /** The tick's time in ms: one that is not younger than the last recorded is a repetition. null: not from a schedule. */
  readonly slot: number | null;
}

/** Records what became of a tick; equal consecutive decisions become one row with a count. False: recorded before. */
export async function recordDecision(ledger: Ledger, decision: TickDecision): Promise<boolean> {
  return transaction(ledger, async (client) => {
    const { index, lane, shard, outcome, reason, run, slot } = decision;
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 1))`, [`${index} ${lane} ${shard}`]);
    const [last] = await query<{ decision: string; outcome: string; reason: string | null; last_slot: string }>(
      client,
      `select decision, outcome, reason, last_slot from decisions
        where index = $1 and lane = $2 and shard = $3 order by decision desc limit 1`,
      [index, lane, shard],
    );
    const lastSlot = Number(last?.last_slot ?? 0);
    if (slot !== null && lastSlot >= slot) return false;
    if (last !== undefined && outcome === 'skipped' && last.outcome === 'skipped' && last.reason === reason) {
      await client.query(
        `update decisions set count = count + 1, last_slot = $2, decided_at = now(), run = $3 where decision = $1`,
        [last.decision, slot ?? lastSlot, run],
      );
      return true;
    }
    await client.query(
      `insert into decisions (index, lane, shard, outcome, reason, run, first_slot, last_slot)
       values ($1, $2, $3, $4, $5, $6, $7, $7)`,
      [index, lane, shard, outcome, reason, run, slot ?? lastSlot],
    );
    return true;
  });
}
