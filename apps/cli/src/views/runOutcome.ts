import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration } from '@reindeer/core';
import { plural } from '../terminal/format.ts';
import type { Colors } from '../terminal/terminal.ts';

/** What became of a run, in a line or two. */
export function runOutcome(view: RunView, colors: Colors): string[] {
  const { documents } = view;
  const took = formatDuration(view.elapsedMs);
  if (view.state === 'completed') {
    const refused = documents.failed > 0 ? `, ${colors.yellow(`${formatCount(documents.failed)} refused`)}` : '';
    const filtered = documents.filtered > 0 ? `, ${formatCount(documents.filtered)} left out by the transform` : '';
    return [
      `${colors.green('✔')} Run ${view.run}: ${formatCount(documents.written)} documents in ${took} ` +
        `(${formatCount(view.documentsPerSecond)} docs/s, ${plural(view.slices.total, 'slice')})${refused}${filtered}`,
      `${colors.green('✔')} ${view.index} is served by ${view.generation ?? 'the new generation'}`,
    ];
  }
  const mark = view.state === 'failed' ? colors.red('✖') : colors.yellow('■');
  const why = view.reason === null ? '' : ` ${colors.dim(`(${view.reason})`)}`;
  const lines = [`${mark} Run ${view.run} of ${view.index} ${view.state} after ${took}${why}`];
  if (view.error !== null) lines.push(`  ${view.error}`);
  lines.push(colors.dim(`  What was live before still is. More: reindeer show ${view.run}`));
  return lines;
}
