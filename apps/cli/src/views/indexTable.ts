import { formatCount, formatDuration } from '@reindeer/core';
import { formatShare } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { holdText, lastDecision, nextTickText, notCaughtUpText } from './indexBlock.ts';
import { stateText } from './stateText.ts';
import type { StatusView } from './statusView.ts';

/** All indexes, a line each, and below it what somebody should know. */
export function indexTable(views: readonly StatusView[], nowMs: number, colors: Colors, width?: number): string[] {
  const lines = renderTable(
    [
      { title: 'index' },
      { title: 'live' },
      { title: 'documents', align: 'right', optional: true },
      { title: 'indexed', align: 'right' },
      { title: 'open run' },
      { title: 'next tick' },
      { title: 'last tick', optional: true },
    ],
    views.map((view) => {
      const [run] = view.openRuns;
      const decision = lastDecision(view);
      return [
        view.configured ? view.index : colors.dim(view.index),
        view.live === null ? colors.yellow('nothing yet') : view.live.name,
        view.live?.documents == null ? '-' : formatCount(view.live.documents),
        view.freshnessSeconds === null ? '-' : `${formatDuration(view.freshnessSeconds * 1_000)} ago`,
        run === undefined ? '-' : `${run.run} ${stateText(run.state, colors)} ${formatShare(run.progress)}`,
        view.schedules === null ? 'unknown' : nextTickText(view, nowMs),
        decision === null
          ? '-'
          : `${decision.outcome === 'started' ? `run ${decision.run ?? '?'}` : (decision.reason ?? 'skipped')}${decision.count > 1 ? ` ×${formatCount(decision.count)}` : ''}`,
      ];
    }),
    colors.dim,
    width,
  );
  const notes = notesOf(views, nowMs, colors);
  return notes.length === 0 ? lines : [...lines, '', ...notes];
}

function notesOf(views: readonly StatusView[], nowMs: number, colors: Colors): string[] {
  const notes: string[] = [];
  const seen = new Set<number>();
  for (const view of views) {
    for (const hold of view.holds) {
      if (seen.has(hold.hold)) continue;
      seen.add(hold.hold);
      notes.push(colors.yellow(`hold  ${holdText(hold, nowMs)}`));
    }
    const [last] = view.lastRuns;
    if (last?.state === 'failed')
      notes.push(
        colors.red(`${view.index}: run ${last.run} failed (${last.reason ?? 'error'}): reindeer show ${last.run}`),
      );
    if (!view.configured) notes.push(colors.dim(`${view.index} is no longer in the configuration.`));
  }
  const behind = views.filter((view) => view.live !== null && !view.live.caughtUp);
  const owed = behind.reduce((sum, view) => sum + view.owedRefreshes, 0);
  if (behind.length > 0)
    notes.push(colors.dim(`${behind.map((view) => view.index).join(', ')}: ${notCaughtUpText(owed)}`));
  if (views.some((view) => view.schedules === null))
    notes.push(colors.yellow('The queue does not answer, so the next ticks are not known.'));
  return notes;
}
