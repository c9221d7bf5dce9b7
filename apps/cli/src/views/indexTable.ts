import { formatCount, formatDuration, pendingChangeText } from '@reindeer/core';
import { foldTroubles } from '@reindeer/ledger';
import { renderTable, wrapText } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { failedLanes } from './failedLanes.ts';
import {
  followText,
  lagCell,
  NOT_CAUGHT_UP,
  refusedLatelyText,
  refusedLines,
  requestedText,
  soakingLines,
} from './followText.ts';
import { holdText } from './indexBlock.ts';
import { lastDecisionText } from './laneDecisions.ts';
import { laneTicks, nextTickText } from './laneTicks.ts';
import { openLanesText } from './openLanes.ts';
import { differText, owedText, verifiedText } from './shardHealth.ts';
import type { StatusView } from './statusView.ts';
import { troubleText } from './troubleText.ts';

/** All indexes, a line each, and below it what somebody should know. */
export function indexTable(views: readonly StatusView[], nowMs: number, colors: Colors, width?: number): string[] {
  const followed = views.some(({ feed }) => feed !== null);
  const lines = renderTable(
    [
      { title: 'index' },
      { title: 'live' },
      { title: 'built with', align: 'right', optional: true },
      { title: 'indexed', align: 'right' },
      ...(followed ? [{ title: 'lag', align: 'right' } as const] : []),
      { title: 'open run' },
      { title: 'next tick' },
      { title: 'last tick', optional: true },
    ],
    views.map((view) => {
      return [
        view.configured ? view.index : colors.dim(view.index),
        view.live === null ? colors.yellow('nothing yet') : view.live.name,
        view.live?.documents == null ? '-' : formatCount(view.live.documents),
        view.freshnessSeconds === null ? '-' : `${formatDuration(view.freshnessSeconds * 1_000)} ago`,
        ...(followed ? [lagCell(view, colors)] : []),
        openLanesText(view.openRuns, colors),
        nextTickText(view, nowMs),
        lastDecisionText(view.decisions),
      ];
    }),
    colors.dim,
    width,
  );
  const notes = notesOf(views, nowMs, colors).flatMap((note) => wrapText(note, width));
  return notes.length === 0 ? lines : [...lines, '', ...notes];
}

function notesOf(views: readonly StatusView[], nowMs: number, colors: Colors): string[] {
  const notes: string[] = [];
  const seen = new Set<number>();
  for (const view of views) {
    const { index, health } = view;
    for (const hold of view.holds) {
      if (seen.has(hold.hold)) continue;
      seen.add(hold.hold);
      notes.push(colors.yellow(`hold  ${holdText(hold, index, nowMs)}`));
    }
    if (view.feed?.state === 'stands') notes.push(`${index}: ${followText(view, colors)}`);
    if (view.definitionChange !== null)
      notes.push(colors.yellow(`${index}: the definition ${pendingChangeText(index, view.definitionChange)}`));
    const requested = requestedText(view);
    if (requested !== null) notes.push(colors.yellow(`${index}: ${requested}`));
    for (const text of refusedLines(view)) notes.push(colors.yellow(`${index}: ${text}`));
    const lately = refusedLatelyText(view);
    if (lately !== null) notes.push(colors.yellow(`${index}: refused ${lately}`));
    for (const one of foldTroubles(view.troubles)) notes.push(colors.yellow(`${index}: ${troubleText(one, nowMs)}`));
    for (const text of failedLanes(view.lastByLane, nowMs)) notes.push(colors.red(`${index}: ${text}`));
    const late = laneTicks(view, nowMs).filter((tick) => tick.late);
    if (late.length > 0) notes.push(colors.yellow(`${index}: ${late.map(({ text }) => text).join(', ')}`));
    if (health !== null && differText(health) !== null)
      notes.push(colors.yellow(`${index}: verify found ${verifiedText(health, nowMs)}`));
    const owed = health && owedText(health, nowMs);
    if (owed != null) notes.push(colors.dim(`${index}: a refresh is owed for ${owed}`));
    for (const text of soakingLines(view, nowMs)) notes.push(colors.dim(text));
    if (!view.configured) notes.push(colors.dim(`${index} is no longer in the configuration.`));
  }
  const behind = views.filter((view) => view.live !== null && !view.live.caughtUp && view.changes === 'none');
  if (behind.length > 0) notes.push(colors.dim(`${behind.map((view) => view.index).join(', ')}: ${NOT_CAUGHT_UP}`));
  return notes;
}
