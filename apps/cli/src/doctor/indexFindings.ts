import { formatDuration } from '@reindeer/core';
import { foldTroubles, type HoldView } from '@reindeer/ledger';
import { plural } from '../terminal/format.ts';
import { lanesThatFailed } from '../views/failedLanes.ts';
import { refusedCount } from '../views/followText.ts';
import { releaseOf } from '../views/releaseOf.ts';
import { differText } from '../views/shardHealth.ts';
import type { StatusView } from '../views/statusView.ts';
import type { Diagnosis } from './diagnosis.ts';

/** As the alert: the scheduler starts an owed refresh at once, so one that waits longer is kept from it. */
const OWED_MS = 3_600_000;

/** What the ledger knows to be wrong with one index of the configuration. */
export function indexFindings(view: StatusView, nowMs: number): readonly Diagnosis[] {
  const { index } = view;
  return [
    ...nothingLive(view),
    ...otherDefinition(view),
    ...failed(view),
    ...troubled(view, nowMs),
    ...held(view),
    ...feedStands(view),
    ...owed(view, nowMs),
    ...differing(view),
    ...refusedLately(view),
  ].map((finding) => ({ ...finding, index }));
}

type Finding = Omit<Diagnosis, 'index'>;

function nothingLive({ index, live, openRuns }: StatusView): Finding[] {
  if (live !== null) return [];
  const building = openRuns.find(({ lane }) => lane === 'rebuild');
  if (building !== undefined)
    return [
      {
        severity: 'note',
        code: 'no-generation',
        message: `Nothing is live yet: run ${building.run} builds it.`,
        since: building.createdAt,
        remedy: null,
      },
    ];
  return [
    {
      severity: 'critical',
      code: 'no-generation',
      message: 'Nothing is live, so nothing is found, and nothing is being built.',
      since: null,
      remedy: `reindeer run ${index}`,
    },
  ];
}

/** A live generation that is not kept current because of it is a finding of its own. */
function otherDefinition({ index, definitionChange, generations, openRuns }: StatusView): Finding[] {
  if (definitionChange === null) return [];
  if (generations.some(({ state, staleReason }) => state === 'live' && staleReason !== null)) return [];
  const { needs, because } = definitionChange;
  const what = because.length === 0 ? '' : ` (${because.join(', ')} changed)`;
  const made = `What is live was made by another definition than the one that is applied${what}`;
  const building = openRuns.find(({ lane }) => lane === 'rebuild');
  if (building !== undefined)
    return [
      {
        severity: 'note',
        code: 'definition-mismatch',
        message: `${made}: run ${building.run} makes a generation by that one.`,
        since: null,
        remedy: null,
      },
    ];
  const way =
    needs === 'refresh'
      ? 'A refresh applies it in place, a rebuild makes a new generation by it'
      : 'Only a rebuild applies it';
  return [
    {
      severity: 'warning',
      code: 'definition-mismatch',
      message: `${made}. ${way}; until then no refresh or verify starts by schedule.`,
      since: null,
      remedy: needs === 'refresh' ? `reindeer run ${index} refresh` : `reindeer run ${index}`,
    },
  ];
}

function failed({ live, lastByLane }: StatusView): Finding[] {
  return lanesThatFailed(lastByLane).map(({ last, who }) => ({
    severity: live === null ? 'critical' : 'warning',
    code: last.reason ?? 'error',
    message: `The last ${who} failed: ${last.error ?? 'it does not say why'}`,
    since: last.finishedAt ?? last.createdAt,
    remedy: `reindeer show ${last.run}`,
  }));
}

function troubled({ troubles }: StatusView, nowMs: number): Finding[] {
  return foldTroubles(troubles).map(({ runs, attempts, since, nextAt, error }) => {
    const next =
      nextAt === null
        ? 'It is being tried again'
        : `It is tried again in ${formatDuration(Math.max(0, Date.parse(nextAt) - nowMs))}`;
    return {
      severity: 'warning',
      code: 'no-progress',
      message: `Run ${runs.join(', ')} does not get on, after ${plural(attempts, 'failure')} in a row: ${error} ${next}.`,
      since,
      remedy: `reindeer show ${runs[0]}`,
    };
  });
}

/** What is told already, by a hold or of the live generation, is not told twice. */
function feedStands({ index, feed, holds, live }: StatusView): Finding[] {
  if (feed?.state !== 'stands' || live === null) return [];
  if (feed.reason === 'generation-stale' || feed.reason === 'source-replaced') return [];
  if (holds.some(({ lane, run }) => (lane ?? 'incremental') === 'incremental' && (run ?? feed.run) === feed.run))
    return [];
  return [
    {
      severity: 'critical',
      code: feed.reason ?? 'not-caught-up',
      message: `The feed stands, so what changes is not found. ${feed.detail ?? ''}`,
      since: null,
      remedy: feed.run === null ? `reindeer status ${index}` : `reindeer show ${feed.run}`,
    },
  ];
}

/** A guard holds several lanes for one reason, which is one thing to do. */
function held({ index, holds }: StatusView): Finding[] {
  const alike = Map.groupBy(holds, ({ index: on, reason, actor, note, run }) =>
    JSON.stringify([on, reason, actor, note, run]),
  );
  return [...alike.values()].flatMap((those) => {
    const [first] = those;
    if (first === undefined) return [];
    const { reason, actor, note, createdAt } = first;
    const remedies = new Set(those.map((hold) => releaseOf(hold, index)));
    return {
      severity: 'warning',
      code: reason,
      message: `${heldText(those)} held by ${actor}${note === null ? '.' : `: ${note}`}`,
      since: createdAt,
      remedy: [...remedies].join('\n'),
    };
  });
}

function heldText(holds: readonly HoldView[]): string {
  const [first] = holds;
  if (first?.run != null) return `Run ${first.run} is`;
  const lanes = holds.flatMap(({ lane }) => lane ?? []);
  const what = lanes.length === 0 ? 'Everything is' : `${lanes.join(', ')} ${lanes.length === 1 ? 'is' : 'are'}`;
  return first?.index === null ? `Of every index: ${what}` : what;
}

function owed({ index, health, generations }: StatusView, nowMs: number): Finding[] {
  if (health?.owed == null) return [];
  // No refresh is made of it: that it wants a rebuild is a finding of its own.
  if (generations.some(({ state, staleReason }) => state === 'live' && staleReason !== null)) return [];
  const { shards, since, causes } = health.owed;
  const isLate = nowMs - Date.parse(since) > OWED_MS;
  return [
    {
      severity: isLate ? 'warning' : 'note',
      code: 'refresh-owed',
      message: `A refresh of ${plural(shards, 'shard')} is owed (${causes.join(', ')})${isLate ? ', and something keeps it from starting.' : ': a scheduler starts it.'}`,
      since,
      remedy: isLate ? `reindeer run ${index} refresh` : null,
    },
  ];
}

function refusedLately({ refusedLately: refused }: StatusView): Finding[] {
  if (refused === null) return [];
  const { run, lastAt } = refused;
  return [
    {
      severity: 'warning',
      code: 'document-refused',
      message: `${refusedCount(refused)} of what is live could not be written within the last hour. Unless they were mended since, what is found of them is older, or nothing. The run says what is wrong with each:`,
      since: lastAt,
      remedy: `reindeer show ${run}`,
    },
  ];
}

function differing({ index, health }: StatusView): Finding[] {
  const differ = health === null ? null : differText(health);
  if (differ === null) return [];
  return [
    {
      severity: 'warning',
      code: 'differences',
      message: `The last verify found documents that are not what their rows say: ${differ}.`,
      since: health?.verified?.since ?? null,
      remedy: `reindeer verify ${index} --repair`,
    },
  ];
}
