import type { Key, RunStatus } from '@reindeer/core';
import type { GenerationState } from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';
import type { TaskId } from '../task/task.ts';
import { lostClaim } from '../ticket/drawTicket.ts';
import type { StoredPosition } from './position.ts';

/** A generation that the feed keeps current. */
export interface FeedTarget {
  readonly generation: number;
  readonly name: string;
  readonly state: GenerationState;
  readonly shardBounds: readonly Key[];
  readonly ticketBound: number;
  /** Of the source's log. */
  readonly position: StoredPosition;
  /** Of the requested keys: a snapshot of the ledger. */
  readonly requested: string;
  /** What the sink said of itself when this was last written; null: not yet asked (rule 15). */
  readonly incarnation: string | null;
  /** Up to here all is done with for good, deletes sent again included (rule 14). */
  readonly echoed: StoredPosition;
  readonly echoTo: StoredPosition | null;
  /** How far an echo has come; null: nowhere yet. */
  readonly echoCursor: string | null;
  /** The same of requested keys. */
  readonly requestedEchoed: string;
  readonly requestedEchoTo: string | null;
  /** How long ago `echoTo` was applied, in ms. */
  readonly echoAgeMs: number | null;
  /** The sink failed at it a short while ago: a pass is to go on without it (see `noteTrouble`). */
  readonly aside: boolean;
}

export interface PassStart {
  readonly runStatus: RunStatus;
  /** The ledger's time, before any snapshot of this pass. */
  readonly at: string;
  /** The ledger's snapshot: requested keys that are visible in it belong to the pass. */
  readonly snapshot: string;
  readonly targets: readonly FeedTarget[];
  /** Whether any key was requested that is visible in it: false, and none has to be looked for. */
  readonly hasRequested: boolean;
  /** Generations that need a position taken now, and then owe a refresh: why. */
  readonly lapsed: readonly { readonly generation: number; readonly name: string; readonly cause: string }[];
  /** What the owner before left of a pass. */
  readonly left: string | null;
}

interface Row {
  status: RunStatus;
  at: string;
  snapshot: string;
  requested: boolean;
  targets: FeedTarget[] | null;
  lapsed: { generation: number; name: string; cause: string }[] | null;
  cursor: Key | null;
}

/**
 * Begins a pass (rule 3): in one statement the claim is checked, and the targets, their positions and the time are fixed.
 * What joins later is of the next pass. @throws RefusedError `lost-claim`
 */
export async function beginPass(ledger: Ledger, task: TaskId & { token: string }): Promise<PassStart> {
  const [row] = await query<Row>(
    ledger,
    `with claim as materialized (
       select r.index, r.status, t.cursor from tasks t join runs r on r.run = t.run
        where t.run = $1 and t.kind = $2 and t.number = $3 and t.claim_token = $4 and t.status = 'running')
     select c.status, c.cursor, now()::text as at, pg_current_snapshot()::text as snapshot,
            exists (select from requested_keys k where k.index = c.index) as requested,
            (select jsonb_agg(jsonb_build_object(
                      'generation', g.generation, 'name', g.name, 'state', g.state, 'shardBounds', g.shard_bounds,
                      'ticketBound', g.ticket_bound, 'position', s.position, 'incarnation', s.incarnation,
                      'requested', case when q.position ->> 'system' = ledger_system() then q.position ->> 'at' else '3:3:' end,
                      'echoed', s.echoed, 'echoTo', s.echo_to, 'echoCursor', s.echo_cursor,
                      'requestedEchoed', case when q.echoed ->> 'system' = ledger_system() then q.echoed ->> 'at' else '3:3:' end,
                      'requestedEchoTo', case when q.echo_to ->> 'system' = ledger_system() then q.echo_to ->> 'at' end,
                      'echoAgeMs', extract(epoch from now() - s.echo_at) * 1000,
                      'aside', coalesce(s.retry_at > now(), false)) order by g.generation)
               from generations g
               join consumers s on s.generation = g.generation and s.log = 'source'
               join consumers q on q.generation = g.generation and q.log = 'requested'
              where g.index = c.index and g.state in ('building', 'failed', 'live', 'retained')
                and g.stale_reason is null and s.joined_at is not null and s.invalid_at is null) as targets,
            (select jsonb_agg(jsonb_build_object('generation', g.generation, 'name', g.name,
                      'cause', case when s.generation is null then 'changes-not-followed'
                                   else coalesce(s.invalid_reason, 'changes-pruned') end))
               from generations g left join consumers s on s.generation = g.generation and s.log = 'source'
              where g.index = c.index and g.state = 'live' and g.stale_reason is null
                and (s.generation is null or s.invalid_at is not null or s.joined_at is null)) as lapsed
       from claim c`,
    [task.run, task.kind, task.number, task.token],
  );
  if (row === undefined) throw lostClaim(task);
  return {
    runStatus: row.status,
    at: row.at,
    snapshot: row.snapshot,
    hasRequested: row.requested,
    targets: row.targets ?? [],
    lapsed: row.lapsed ?? [],
    left: row.cursor?.[0] ?? null,
  };
}
