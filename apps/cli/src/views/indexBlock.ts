import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration, isShardLane } from '@reindeer/core';
import type { HoldView } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';
import { renderFields, renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { progressText } from './progressLine.ts';
import { reasonText } from './runDetails.ts';
import { stateText } from './stateText.ts';
import type { StatusView } from './statusView.ts';

/** One index in full. */
export function indexBlock(view: StatusView, nowMs: number, colors: Colors): string[] {
  const head = `${colors.bold(view.index)}${view.configured ? '' : colors.yellow('  no longer in the configuration')}`;
  const lines = [head, '', ...renderFields(fields(view, nowMs, colors), colors.dim)];
  const { generations } = view;
  if (generations.length > 0) {
    lines.push(
      '',
      ...renderTable(
        [
          { title: 'generation' },
          { title: 'state' },
          { title: 'documents', align: 'right' },
          { title: 'run', align: 'right' },
          { title: 'made' },
        ],
        generations.map((one) => [
          one.name,
          stateText(one.state, colors),
          one.documents === null ? '-' : formatCount(one.documents),
          String(one.run),
          formatMoment(one.createdAt, nowMs),
        ]),
        colors.dim,
      ),
    );
  }
  return lines;
}

function fields(view: StatusView, nowMs: number, colors: Colors): [string, string][] {
  const { live } = view;
  const rows: [string, string][] = [
    [
      'live',
      live === null ? colors.yellow('nothing yet') : `${colors.green(live.name)}, ${documentsText(live.documents)}`,
    ],
    [
      'freshness',
      view.freshnessSeconds === null ? '-' : `indexed ${formatDuration(view.freshnessSeconds * 1_000)} ago`,
    ],
  ];
  for (const run of view.openRuns) rows.push(['open run', openRunText(run)]);
  for (const hold of view.holds) rows.push(['hold', colors.yellow(holdText(hold, nowMs))]);
  rows.push(['next tick', nextTickText(view, nowMs)]);
  const decision = lastDecision(view);
  if (decision !== null) {
    const times = decision.count > 1 ? ` ×${formatCount(decision.count)}` : '';
    const what =
      decision.outcome === 'started'
        ? `started run ${decision.run ?? '?'}`
        : `skipped: ${reasonText(decision.reason ?? 'error')}`;
    rows.push(['last tick', `${laneText(decision)} ${what}${times} (${formatMoment(decision.decidedAt, nowMs)})`]);
  }
  const [last] = view.lastRuns;
  if (last !== undefined) rows.push(['last run', lastRunText(last, nowMs, colors)]);
  if (live !== null && !live.caughtUp) rows.push(['note', notCaughtUpText(view.owedRefreshes)]);
  return rows;
}

/** A tick is late when its time has passed by more than a scheduler takes. */
const LATE_MS = 5_000;

/** The newest decision on any of an index's schedules; null: none yet. */
export function lastDecision(view: StatusView): StatusView['decisions'][number] | null {
  return view.decisions.toSorted((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1))[0] ?? null;
}

/** `rebuild`, or `refresh 3` of a shard. */
export function laneText({ lane, shard }: { readonly lane: string; readonly shard: number | null }): string {
  return shard === null ? lane : `${lane} ${shard}`;
}

/** In one line what `caughtUp: false` and owed refreshes mean to whoever searches. */
export function notCaughtUpText(owedRefreshes: number): string {
  const owed = owedRefreshes > 0 ? ` (a refresh is owed for ${plural(owedRefreshes, 'shard')})` : '';
  return `changes are not followed: what changes in the source is in the index after the next refresh or rebuild${owed}`;
}

export function holdText(hold: HoldView, nowMs: number): string {
  const scope =
    hold.run !== null
      ? `run ${hold.run}`
      : [hold.index ?? 'every index', hold.lane].filter((part) => part !== null).join(' ');
  const note = hold.note === null ? '' : `: ${hold.note}`;
  return `${hold.reason} (${scope}) by ${hold.actor} ${formatMoment(hold.createdAt, nowMs)}${note}`;
}

export function nextTickText(view: StatusView, nowMs: number): string {
  if (view.schedules === null) return 'unknown: the queue does not answer';
  const next = view.schedules
    .filter((tick) => tick.nextAt !== null)
    .sort((a, b) => ((a.nextAt ?? '') < (b.nextAt ?? '') ? -1 : 1));
  const [first] = next;
  if (first?.nextAt == null) return view.schedules.length === 0 ? 'not scheduled' : 'unknown';
  const late = Date.parse(first.nextAt) < nowMs - LATE_MS ? ' (late)' : '';
  return `${laneText(first)} ${formatMoment(first.nextAt, nowMs)}${late}`;
}

function openRunText(run: RunView): string {
  return `${progressText(run)} (${laneText(run)}, ${run.trigger})`;
}

function lastRunText(run: RunView, nowMs: number, colors: Colors): string {
  const why = run.reason === null ? '' : ` (${run.reason})`;
  const ended = run.finishedAt === null ? '' : ` ${formatMoment(run.finishedAt, nowMs)}`;
  const { written, deleted, orphans } = run.documents;
  const changed = isShardLane(run.lane)
    ? `${formatCount(written)} written, ${formatCount(deleted + orphans)} deleted`
    : documentsText(written);
  return `${run.run} ${laneText(run)} ${stateText(run.state, colors)}${why}${ended}, ${changed} in ${formatDuration(run.elapsedMs)}`;
}

function documentsText(documents: number | null): string {
  return documents === null ? 'documents unknown' : plural(documents, 'document');
}
