import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration, isShardLane, pendingChangeText } from '@reindeer/core';
import type { HoldView } from '@reindeer/ledger';
import { foldTroubles } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';
import { renderFields, renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { failedLanes } from './failedLanes.ts';
import {
  followText,
  generationNote,
  NOT_CAUGHT_UP,
  refusedLatelyText,
  refusedLines,
  requestedText,
  soakingLines,
} from './followText.ts';
import { laneDecisions } from './laneDecisions.ts';
import { laneText } from './laneText.ts';
import { laneTicks, nextTickText } from './laneTicks.ts';
import { openLanes } from './openLanes.ts';
import { releaseOf } from './releaseOf.ts';
import { differText, owedText, verifiedText } from './shardHealth.ts';
import { runStateText, stateText } from './stateText.ts';
import type { StatusView } from './statusView.ts';
import { troubleText } from './troubleText.ts';

/** One index in full. */
export function indexBlock(view: StatusView, nowMs: number, colors: Colors, width?: number): string[] {
  const head = `${colors.bold(view.index)}${view.configured ? '' : colors.yellow('  no longer in the configuration')}`;
  const lines = [head, '', ...renderFields(fields(view, nowMs, colors), colors.dim, width)];
  const { generations } = view;
  if (generations.length > 0) {
    lines.push(
      '',
      ...renderTable(
        [
          { title: 'generation' },
          { title: 'state' },
          { title: 'built with', align: 'right' },
          { title: 'run', align: 'right' },
          { title: 'made' },
          { title: '' },
        ],
        generations.map((one) => [
          one.name,
          stateText(one.state, colors),
          one.documents === null ? '-' : formatCount(one.documents),
          String(one.run),
          formatMoment(one.createdAt, nowMs),
          generationNote(one, nowMs),
        ]),
        colors.dim,
        width,
      ),
    );
  }
  return lines;
}

function fields(view: StatusView, nowMs: number, colors: Colors): [string, string][] {
  const { live, health } = view;
  const rows: [string, string][] = [
    [
      'live',
      live === null
        ? colors.yellow('nothing yet')
        : `${colors.green(live.name)}, built with ${documentsText(live.documents)}`,
    ],
    [
      'freshness',
      view.freshnessSeconds === null
        ? '-'
        : `indexed ${formatDuration(view.freshnessSeconds * 1_000)} ago${health?.stalestShard == null ? '' : `, as shard ${health.stalestShard}, the stalest of ${health.shards}`}`,
    ],
  ];
  if (view.definitionChange !== null)
    rows.push(['definition', colors.yellow(pendingChangeText(view.index, view.definitionChange))]);
  const follow = followText(view, colors);
  if (follow !== null) rows.push(['changes', follow]);
  const requested = requestedText(view, 1);
  if (requested !== null) rows.push(['requested', requested]);
  rows.push(
    ...under('rollback', soakingLines(view, nowMs)),
    ...under(
      'refused',
      [...refusedLines(view), refusedLatelyText(view)]
        .filter((text) => text !== null)
        .map((text) => colors.yellow(text)),
    ),
    ...under('open run', openLanes(view.openRuns)),
  );
  for (const one of foldTroubles(view.troubles)) rows.push(['trouble', colors.yellow(troubleText(one, nowMs))]);
  for (const hold of view.holds) rows.push(['hold', colors.yellow(holdText(hold, view.index, nowMs))]);
  rows.push(
    ...under(
      'failed',
      failedLanes(view.lastByLane, nowMs).map((text) => colors.red(text)),
    ),
  );
  const owed = health && owedText(health, nowMs);
  if (owed != null) rows.push(['owed', `a refresh of ${owed}`]);
  if (health !== null)
    rows.push([
      'verified',
      differText(health) === null ? verifiedText(health, nowMs) : colors.yellow(verifiedText(health, nowMs)),
    ]);
  rows.push(
    ...under('next tick', nextTicks(view, nowMs, colors)),
    ...under('last tick', laneDecisions(view.decisions, nowMs)),
    ...under(
      'last run',
      lastOfLanes(view.lastByLane).map((run) => lastRunText(run, nowMs, colors)),
    ),
  );
  if (live !== null && !live.caughtUp && view.changes === 'none') rows.push(['note', NOT_CAUGHT_UP]);
  return rows;
}

/** Several values of one name: it stands before the first. */
function under(name: string, values: readonly string[]): [string, string][] {
  return values.map((value, at) => [at === 0 ? name : '', value]);
}

function nextTicks(view: StatusView, nowMs: number, colors: Colors): readonly string[] {
  if (view.schedules === null) return ['unknown: the queue does not answer'];
  const ticks = laneTicks(view, nowMs).map(({ text, late }) => (late ? colors.yellow(text) : text));
  return ticks.length > 0 ? ticks : [nextTickText(view, nowMs)];
}

/** The newest of each lane: with many shards the last runs alone would be those of one lane. */
function lastOfLanes(lastByLane: readonly RunView[]): readonly RunView[] {
  return [...Map.groupBy(lastByLane, ({ lane }) => lane).values()].flatMap(([last]) => last ?? []);
}

/** A hold of one index, or of every index, with what ends it. */
export function holdText(hold: HoldView, index: string, nowMs: number): string {
  const scope =
    hold.run !== null
      ? `run ${hold.run}`
      : [hold.index ?? 'every index', hold.lane].filter((part) => part !== null).join(' ');
  const note = hold.note === null ? '' : `: ${hold.note}`;
  return `${hold.reason} (${scope}) by ${hold.actor} ${formatMoment(hold.createdAt, nowMs)}${note}; go on: ${releaseOf(hold, index)}`;
}

function lastRunText(run: RunView, nowMs: number, colors: Colors): string {
  const why = run.reason === null ? '' : ` (${run.reason})`;
  const ended = run.finishedAt === null ? '' : ` ${formatMoment(run.finishedAt, nowMs)}`;
  const { written, deleted, orphans } = run.documents;
  if (run.lane === 'promote')
    return `${run.run} ${run.lane} ${runStateText(run, colors)}${why}${ended}, of ${run.generation ?? '?'}`;
  const changed = isShardLane(run.lane)
    ? `${formatCount(written)} written, ${formatCount(deleted + orphans)} deleted`
    : documentsText(written);
  return `${run.run} ${laneText(run)} ${runStateText(run, colors)}${why}${ended}, ${changed} in ${formatDuration(run.elapsedMs)}`;
}

function documentsText(documents: number | null): string {
  return documents === null ? 'documents unknown' : plural(documents, 'document');
}
