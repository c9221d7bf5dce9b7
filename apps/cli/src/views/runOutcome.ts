import type { Reason, RunView } from '@reindeer/core';
import { formatCount, formatDuration, isShardLane } from '@reindeer/core';
import { plural } from '../terminal/format.ts';
import type { Colors } from '../terminal/terminal.ts';

const MOVED: readonly (string | null)[] = ['sink-moved', 'name-taken', 'superseded'] satisfies Reason[];

/** What became of a run, in a line or two. */
export function runOutcome(view: RunView, colors: Colors): string[] {
  const { documents } = view;
  const took = formatDuration(view.elapsedMs);
  if (view.state === 'completed' && isShardLane(view.lane)) return [comparison(view, took, colors)];
  if (view.state === 'completed' && view.lane === 'promote')
    return [
      `${colors.green('✔')} ${view.index} is served by ${view.generation ?? '?'}, after ${took}`,
      ...(view.caughtUp ? [colors.dim('  It holds every change up to a moment ago.')] : []),
    ];
  if (view.state === 'completed') {
    const refused = documents.failed > 0 ? `, ${colors.yellow(`${formatCount(documents.failed)} refused`)}` : '';
    const filtered = documents.filtered > 0 ? `, ${formatCount(documents.filtered)} left out by the transform` : '';
    return [
      `${colors.green('✔')} Run ${view.run}: ${formatCount(documents.written)} documents in ${took} ` +
        `(${formatCount(view.documentsPerSecond)} docs/s, ${plural(view.slices.total, 'slice')})${refused}${filtered}`,
      `${colors.green('✔')} ${view.index} is served by ${view.generation ?? 'the new generation'}`,
      ...(view.caughtUp ? [] : [colors.dim('  A refresh follows, for what changed in the source meanwhile.')]),
    ];
  }
  const mark = view.state === 'failed' ? colors.red('✖') : colors.yellow('■');
  const why = view.reason === null ? '' : ` ${colors.dim(`(${view.reason})`)}`;
  const name = view.run === null ? `${view.index} ${view.lane}` : `Run ${view.run} of ${view.index}`;
  const lines = [`${mark} ${name} ${view.state} after ${took}${why}`];
  if (view.error !== null) lines.push(`  ${view.error}`);
  // Not where a person has moved what was live, or another promotion.
  const still = isShardLane(view.lane) || MOVED.includes(view.reason) ? '' : 'Readers see what they saw before. ';
  if (view.run !== null) lines.push(colors.dim(`  ${still}More: reindeer show ${view.run}`));
  return lines;
}

/** What a refresh or verify found, and what it did about it. */
function comparison(view: RunView, took: string, colors: Colors): string {
  const { documents, differences, lane, index, run } = view;
  const name = run === null ? `${index} ${lane}` : `Run ${run}: ${index} ${lane}`;
  const found = (['missing', 'extra', 'stale'] as const)
    .filter((kind) => differences[kind] > 0)
    .map((kind) => `${formatCount(differences[kind])} ${kind}`);
  const done = [
    documents.written > 0 ? `${formatCount(documents.written)} written` : '',
    documents.deleted + documents.orphans > 0 ? `${formatCount(documents.deleted + documents.orphans)} deleted` : '',
    documents.failed > 0 ? colors.yellow(`${formatCount(documents.failed)} refused`) : '',
  ].filter((part) => part !== '');
  const different = found.length > 0 && lane === 'verify';
  return (
    `${different ? colors.yellow('≠') : colors.green('✔')} ${name}: ${formatCount(documents.read)} rows in ${took}; ` +
    `${found.length === 0 ? 'nothing differs' : found.join(', ')}${done.length === 0 ? '' : `; ${done.join(', ')}`}`
  );
}
