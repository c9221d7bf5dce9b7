import type { Lane, RunOptions } from '@reindeer/core';
import { DatabaseError } from 'pg';
import { type Ledger, query, transaction } from '../ledger.ts';

export interface RunRequest {
  readonly index: string;
  readonly lane: Lane;
  readonly shard: number;
  /** The shards whose places it takes (I5): its own, or all that a key range may touch. */
  readonly shards: readonly number[];
  /** Core's `placeOf` says which. */
  readonly place: string;
  readonly definition: number;
  readonly trigger: 'schedule' | 'start' | 'manual' | 'retry' | 'owed';
  readonly actor: string;
  /** The tick's time in ms; null for a run asked for by hand. */
  readonly slot: number | null;
  readonly options: RunOptions;
  /** The id of the keyed request that asked for it; null or left out: none did. */
  readonly request?: string | null;
  /** Random, of the caller's making: job ids carry it (I1). */
  readonly nonce: string;
}

export type OpenedRun =
  | { readonly kind: 'opened'; readonly run: number }
  /** This very tick has led to this run before. */
  | { readonly kind: 'duplicate'; readonly run: number }
  | { readonly kind: 'overlap'; readonly run: number | null }
  /** The index has a newer definition: no worker would take this run's tasks. */
  | { readonly kind: 'definition-mismatch'; readonly run: null };

const UNIQUE_VIOLATION = '23505';

/** Writes a run with its places and its plan task. The unique keys on slot and place make two planners agree (I5). */
export async function openRun(ledger: Ledger, request: RunRequest): Promise<OpenedRun> {
  const promotes = request.lane === 'promote';
  try {
    return await transaction(ledger, async (client) => {
      // Until this run is there to be ended, no newer definition comes.
      await client.query(`select 1 from indexes where index = $1 for share`, [request.index]);
      const [newer] = await query(client, `select 1 from definitions where index = $1 and number > $2 limit 1`, [
        request.index,
        request.definition,
      ]);
      if (newer !== undefined) return { kind: 'definition-mismatch', run: null };
      const [row] = await query<{ run: string }>(
        client,
        `insert into runs (nonce, index, lane, shard, definition, trigger, actor, slot, options, generation, phase, planned_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11 = 'planning' then null else now() end) returning run`,
        [
          request.nonce,
          request.index,
          request.lane,
          request.shard,
          request.definition,
          request.trigger,
          request.actor,
          request.slot,
          JSON.stringify({
            ...request.options,
            shards: request.shards,
            place: request.place,
            ...(request.request ? { request: request.request } : {}),
          }),
          request.options.generation,
          // A promotion by hand has nothing to plan.
          promotes ? 'catching_up' : 'planning',
        ],
      );
      const run = Number(row?.run);
      await client.query(
        `insert into run_places (index, place, shard, run) select $1, $2, s, $4 from unnest($3::int[]) s order by s`,
        [request.index, request.place, request.shards, run],
      );
      await client.query(`insert into tasks (run, kind, number) values ($1, $2, 0)`, [
        run,
        promotes ? 'finish' : 'plan',
      ]);
      return { kind: 'opened', run };
    });
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== UNIQUE_VIOLATION) throw error;
    return whoWasFirst(ledger, request);
  }
}

async function whoWasFirst(ledger: Ledger, request: RunRequest): Promise<OpenedRun> {
  if (request.slot !== null) {
    const [same] = await query<{ run: string }>(
      ledger,
      `select run from runs where index = $1 and lane = $2 and shard = $3 and slot = $4`,
      [request.index, request.lane, request.shard, request.slot],
    );
    if (same !== undefined) return { kind: 'duplicate', run: Number(same.run) };
  }
  const [open] = await query<{ run: string }>(
    ledger,
    `select run from run_places where index = $1 and place = $2 and shard = any($3) limit 1`,
    [request.index, request.place, request.shards],
  );
  return { kind: 'overlap', run: open === undefined ? null : Number(open.run) };
}
