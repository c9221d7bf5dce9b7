import type { LogSize } from '@reindeer/connectors';
import { formatCount, formatDuration, type IndexDefinition } from '@reindeer/core';
import type { ConsumerView, GenerationStanding, SourceIdentity } from '@reindeer/ledger';
import type { Diagnosis } from './diagnosis.ts';

export interface FollowingFacts {
  readonly definition: IndexDefinition;
  /** Of the index, those furthest behind first. */
  readonly consumers: readonly ConsumerView[];
  readonly generations: readonly GenerationStanding[];
  /** null: the source was not reached. */
  readonly identity: SourceIdentity | null;
  /** null: there is no log, or it cannot be read. */
  readonly size: LogSize | null;
}

/** Of a bound: there is still time to do something. */
const NEAR = 0.8;

/** What is wrong with how the generations of an index are kept current. */
export function followingFindings(facts: FollowingFacts): readonly Diagnosis[] {
  const index = facts.definition.name;
  return [
    ...replaced(facts),
    ...stale(facts),
    ...invalid(facts),
    ...troubled(facts),
    ...notFollowed(facts),
    ...overBounds(facts),
  ].map((finding) => ({ ...finding, index }));
}

type Finding = Omit<Diagnosis, 'index'>;

function replaced({ definition: { name, source }, consumers, generations, identity }: FollowingFacts): Finding[] {
  const live = generations.find(({ state }) => state === 'live');
  if (live === undefined || identity === null) return [];
  const consumer = consumers.find(({ generation, log }) => generation === live.name && log === 'source');
  const known = consumer?.identity ?? live.startedFrom;
  if (known === null) return [];
  if (known.system !== identity.system)
    return [
      {
        severity: 'critical',
        code: 'source-replaced',
        message: `${live.name} is of another database (${known.system}) than connection ${source.connection} leads to now (${identity.system}). Was it restored from a dump, or is the url wrong? If the new one is right, build from it:`,
        since: null,
        remedy: `reindeer run ${name}`,
      },
    ];
  // 0: the server keeps it to itself.
  if (known.timeline === identity.timeline || known.timeline === 0 || identity.timeline === 0) return [];
  if (identity.timeline < known.timeline)
    return [
      {
        severity: 'critical',
        code: 'source-timeline',
        message: `Connection ${source.connection} leads to timeline ${identity.timeline}, and ${live.name} has seen timeline ${known.timeline} already: it is a primary of before a failover, or was restored to a time before one. End the old primary, or correct the url. If it is the right one, the feed's next pass goes on from it, and a refresh is owed.`,
        since: null,
        remedy: null,
      },
    ];
  return [
    {
      severity: 'warning',
      code: 'source-timeline',
      message: `${live.name} has seen timeline ${known.timeline} of its source, which is on ${identity.timeline} now: a standby took over, and what the old primary had not sent is lost. A refresh finds it:`,
      since: null,
      remedy: `reindeer run ${name} refresh`,
    },
  ];
}

function stale({ definition: { name }, generations }: FollowingFacts): Finding[] {
  return generations.flatMap((generation) => {
    // Whatever was live before ends as `soaked` when its time is up.
    if (generation.staleReason === null || generation.staleReason === 'soaked') return [];
    if (generation.state !== 'live' && generation.state !== 'retained') return [];
    const isLive = generation.state === 'live';
    return {
      severity: isLive ? 'critical' : 'note',
      code: 'generation-stale',
      message: `${generation.name} is not kept current any more (${generation.staleReason})${isLive ? '.' : ': a rollback to it is refused.'}`,
      since: null,
      remedy: isLive ? `reindeer run ${name}` : null,
    } as const;
  });
}

function invalid({ definition: { name }, consumers }: FollowingFacts): Finding[] {
  return consumers.flatMap(({ invalidAt, generation, state, log }) => {
    if (invalidAt === null) return [];
    const isLive = state === 'live';
    return {
      severity: isLive ? 'warning' : 'note',
      code: 'changes-pruned',
      message: `The ${log === 'source' ? 'log of changes' : 'requested keys'} no longer reached back to what ${generation} had seen${isLive ? ': a refresh finds what it missed.' : '.'}`,
      since: invalidAt,
      remedy: isLive ? `reindeer run ${name} refresh` : null,
    } as const;
  });
}

function troubled({ definition: { name }, consumers }: FollowingFacts): Finding[] {
  return consumers.flatMap(({ trouble, troubledSince, generation, state }) => {
    if (trouble === null) return [];
    const isLive = state === 'live';
    const others = isLive ? 'What is live falls behind' : 'The feed goes on for the others, and this one falls behind';
    return {
      severity: isLive ? 'critical' : 'warning',
      code: 'generation-troubled',
      message: `The sink takes nothing into ${generation}. ${others}: ${trouble}`,
      since: troubledSince,
      remedy: isLive ? `reindeer run ${name}` : null,
    } as const;
  });
}

function notFollowed({ definition: { name, source }, consumers, generations }: FollowingFacts): Finding[] {
  const live = generations.find(({ state }) => state === 'live');
  if (source.changes === 'none' || live === undefined || live.staleReason !== null) return [];
  if (consumers.some(({ generation, log }) => generation === live.name && log === 'source')) return [];
  return [
    {
      severity: 'warning',
      code: 'not-followed',
      message: `${live.name} follows no changes: it was built before the configuration asked for it. A rebuild makes one that does:`,
      since: null,
      remedy: `reindeer run ${name}`,
    },
  ];
}

/** The consumer that is furthest behind is the one that keeps the log, and the one that is given up at a bound (rule 7). */
function overBounds({ definition: { name, source }, consumers, size }: FollowingFacts): Finding[] {
  if (source.changes !== 'log') return [];
  const last = consumers.find(
    ({ log, invalidAt, joinedAt }) => log === 'source' && invalidAt === null && joinedAt !== null,
  );
  const { maxRows, maxBytes, maxAgeMs } = source.log;
  const measured = [
    {
      has: size?.rows ?? 0,
      most: maxRows,
      text: `${formatCount(size?.rows ?? 0)} rows (maxRows ${formatCount(maxRows)})`,
    },
    { has: size?.bytes ?? 0, most: maxBytes, text: `${megabytes(size?.bytes ?? 0)} (maxBytes ${megabytes(maxBytes)})` },
    {
      has: last?.passedAgoMs ?? 0,
      most: maxAgeMs,
      text: `changes of ${formatDuration(last?.passedAgoMs ?? 0)} (maxAge ${formatDuration(maxAgeMs)})`,
    },
  ].filter(({ has, most }) => has >= most * NEAR);
  if (measured.length === 0) return [];
  const isOver = measured.some(({ has, most }) => has > most);
  const who = last === undefined ? '' : ` ${last.generation} is furthest behind: it`;
  return [
    {
      severity: isOver ? 'critical' : 'warning',
      code: 'log-bound',
      message: `The log of changes in the schema ${source.log.schema} of connection ${source.connection} holds ${measured.map(({ text }) => text).join(', ')}.${who === '' ? ' At a bound the generation that is furthest behind' : who} is given up at the bound, and owes a refresh. What keeps the feed, or raise source.log:`,
      since: last?.passedAt ?? null,
      remedy: `reindeer status ${name}`,
    },
  ];
}

function megabytes(bytes: number): string {
  return bytes < 10_000_000_000
    ? `${formatCount(Math.round(bytes / 1_000_000))} MB`
    : `${formatCount(Math.round(bytes / 1_000_000_000))} GB`;
}
