import type { GenerationState } from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';
import { identityOf } from './identitySql.ts';

/** How far a generation has come with one of the logs that it follows. */
export interface ConsumerView {
  readonly index: string;
  /** The generation's name in the sink. */
  readonly generation: string;
  readonly state: GenerationState;
  readonly log: 'source' | 'requested';
  /** Which database its position is of; null for requested keys. */
  readonly identity: SourceIdentity | null;
  /** null: it has not joined the feed. */
  readonly joinedAt: string | null;
  /** The time of the snapshot up to which it has every change; null: no pass has ended. */
  readonly passedAt: string | null;
  /** By the ledger's clock. */
  readonly passedAgoMs: number | null;
  /** Since when its log no longer reaches back to its position. */
  readonly invalidAt: string | null;
  /** What the sink fails with at it, while the feed goes on for others. null: nothing. */
  readonly trouble: string | null;
  readonly troubledSince: string | null;
}

export interface SourceIdentity {
  readonly system: string;
  readonly timeline: number;
}

interface Row extends Omit<ConsumerView, 'joinedAt' | 'passedAt' | 'invalidAt' | 'troubledSince'> {
  joinedAt: Date | null;
  passedAt: Date | null;
  invalidAt: Date | null;
  troubledSince: Date | null;
}

/**
 * The consumers of every generation that is there, of both logs, the one that is furthest behind first. It is for people to
 * read: no position leaves the ledger by it, and what has not happened has no time. {@link readConsumers} is for the sweep
 * that prunes, which compares positions and wants an age of each.
 */
export async function readConsumerViews(ledger: Ledger): Promise<readonly ConsumerView[]> {
  const rows = await query<Row>(
    ledger,
    `select g.index, g.name as generation, g.state, c.log,
            ${identityOf('c.position')} as identity,
            c.joined_at as "joinedAt", c.passed_at as "passedAt", c.invalid_at as "invalidAt",
            c.trouble, c.troubled_since as "troubledSince",
            (extract(epoch from clock_timestamp() - c.passed_at) * 1000)::float8 as "passedAgoMs"
       from consumers c join generations g using (generation)
      where g.state not in ('dropping', 'dropped')
      order by c.passed_at nulls first, g.generation, c.log`,
  );
  return rows.map((row) => ({
    ...row,
    joinedAt: row.joinedAt?.toISOString() ?? null,
    passedAt: row.passedAt?.toISOString() ?? null,
    invalidAt: row.invalidAt?.toISOString() ?? null,
    troubledSince: row.troubledSince?.toISOString() ?? null,
  }));
}
