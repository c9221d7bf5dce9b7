import { formatCount, type RunView, stateWord } from '@reindeer/core';
import { formatLeft, formatShare } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import type { Colors } from '../terminal/terminal.ts';
import { runStateText } from './stateText.ts';

const PHASE_WIDTH = 'catching up'.length;
const BAR_MAX = 30;
const BAR_MIN = 8;
const GAP = '  ';

/** The line of a run under way: phase, bar, share, rate, time left, slices; less of it where `columns` are few. */
export function progressLine(view: RunView, columns: number, colors: Colors): string {
  const word = stateWord(view);
  const state = runStateText(view, colors) + ' '.repeat(Math.max(0, PHASE_WIDTH - word.length));
  const stateWidth = Math.max(PHASE_WIDTH, word.length);
  if (view.waitsFor !== null) {
    const { reason, detail } = view.waitsFor;
    const text = printable(`waits (${reason}): ${detail}`);
    const room = columns - stateWidth - GAP.length;
    const shown = text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
    return [state, colors.yellow(shown)].join(GAP);
  }
  const parts = [shareText(view).padStart(4)];
  if (view.documentsPerSecond > 0) parts.push(`${formatCount(view.documentsPerSecond).padStart(7)} docs/s`);
  if (view.etaMs !== null && view.etaMs > 0) parts.push(`${formatLeft(view.etaMs)} left`);
  if (view.slices.total > 0) parts.push(`slices ${slices(view)}`);
  const room = () => columns - stateWidth - ['', '', ...parts].join(GAP).length;
  while (room() < BAR_MIN && parts.length > 1) parts.pop();
  const width = Math.max(0, Math.min(BAR_MAX, room()));
  const filled = Math.floor(view.progress * width);
  const bar = colors.cyan('━'.repeat(filled)) + colors.dim('─'.repeat(width - filled));
  return [state, bar, ...parts].join(GAP);
}

/**
 * How far a run is. The share belongs to the reading of documents; the phases around it have none, and 99 % for as long
 * as they take would be a lie. Empty there.
 */
export function shareText({ lane, state, progress }: RunView): string {
  if (lane === 'incremental') return '';
  switch (state) {
    case 'queued':
      return progress > 0 ? formatShare(progress) : '';
    case 'planning':
    case 'catching_up':
    case 'verifying':
    case 'promoting':
    case 'soaking':
      return '';
    default:
      return formatShare(progress);
  }
}

/** The same for a log. */
export function progressText(view: RunView): string {
  const { documents } = view;
  const of =
    documents.expected === null ? '' : ` of ${documents.expectedExact ? '' : '~'}${formatCount(documents.expected)}`;
  if (view.waitsFor !== null) {
    const { reason, detail } = view.waitsFor;
    return `${nameOf(view)} ${stateWord(view)}: waits (${reason}): ${detail}`;
  }
  const share = shareText(view);
  const parts = [
    `${nameOf(view)} ${stateWord(view)}: ${share === '' ? '' : `${share}, `}${formatCount(documents.read)}${of} documents`,
  ];
  if (view.documentsPerSecond > 0) parts.push(`${formatCount(view.documentsPerSecond)} docs/s`);
  if (view.etaMs !== null && view.etaMs > 0) parts.push(`${formatLeft(view.etaMs)} left`);
  if (view.slices.total > 0) parts.push(`slices ${slices(view)}`);
  return parts.join(', ');
}

function nameOf({ run, index, lane }: RunView): string {
  return run === null ? `${index} ${lane}` : `run ${run}`;
}

function slices(view: RunView): string {
  return `${view.slices.completed}/${view.slices.total}`;
}
