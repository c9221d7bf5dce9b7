import { formatCount, formatDuration, REASONS, type RunView, WHOLE_INDEX } from '@reindeer/core';
import { type FailureGroup, foldTroubles, type RunTrouble, type SliceView } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';
import { renderFields, renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { shareText } from './progressLine.ts';
import { runStateText, stateText } from './stateText.ts';
import { troubleText } from './troubleText.ts';

/** All of one run: what it is, its slices, and what was refused. */
export function runDetails(
  view: RunView,
  slices: readonly SliceView[],
  failures: readonly FailureGroup[],
  troubles: readonly RunTrouble[],
  nowMs: number,
  colors: Colors,
  width?: number,
): string[] {
  const lines = [
    `${colors.bold(`Run ${view.run}`)}  ${view.index} ${view.lane}  ${runStateText(view, colors)}`,
    '',
    ...renderFields([...fields(view, nowMs), ...troubled(troubles, nowMs, colors)], colors.dim, width),
  ];
  if (slices.length > 0) lines.push('', ...sliceTable(slices, nowMs, colors, width));
  if (slices.length < view.slices.total)
    lines.push(colors.dim(`… and ${plural(view.slices.total - slices.length, 'more slice')}; --json has them all`));
  if (failures.length > 0) lines.push('', ...failureTable(failures, colors, width));
  return lines;
}

function fields(view: RunView, nowMs: number): [string, string][] {
  const { documents: d } = view;
  const expected =
    d.expected === null ? '' : ` of ${d.expectedExact ? '' : 'about '}${formatCount(d.expected)} expected`;
  const became = (['written', 'unchanged', 'superseded', 'filtered', 'deleted', 'failed'] as const)
    .filter((outcome) => d[outcome] > 0)
    .map((outcome) => `${formatCount(d[outcome])} ${outcome === 'failed' ? 'refused' : outcome}`);
  const rows: [string, string][] = [];
  if (view.reason !== null) rows.push(['reason', reasonText(view.reason)]);
  if (view.error !== null) rows.push(['error', view.error]);
  if (view.waitsFor !== null) rows.push(['waits for', `${view.waitsFor.reason}: ${view.waitsFor.detail}`]);
  rows.push(
    ['generation', view.lane === 'incremental' ? 'all that are kept current' : (view.generation ?? 'none yet')],
    ['started by', startedBy(view)],
  );
  if (view.asked?.note != null) rows.push(['note', view.asked.note]);
  rows.push(['created', formatMoment(view.createdAt, nowMs)]);
  if (view.finishedAt !== null) rows.push(['ended', formatMoment(view.finishedAt, nowMs)]);
  rows.push(['took', view.startedAt === null ? 'not begun' : formatDuration(view.elapsedMs)]);
  // It reads and writes nothing.
  if (view.lane === 'promote') return rows;
  rows.push([
    'documents',
    `${formatCount(d.read)} read${expected}${became.length > 0 ? `: ${became.join(', ')}` : ''}`,
  ]);
  // The feed has no end that it could be on its way to.
  if (view.lane === 'incremental') return rows;
  rows.push(
    ['speed', `${formatCount(view.documentsPerSecond)} docs/s`],
    [
      'progress',
      `${[shareText(view), 'slices'].filter((part) => part !== '').join(', ')} ${view.slices.completed}/${view.slices.total}` +
        (view.slices.failed > 0 ? `, ${view.slices.failed} failed` : '') +
        (view.etaMs === null || view.etaMs === 0 ? '' : `, ${formatDuration(view.etaMs)} left`),
    ],
  );
  return rows;
}

function startedBy({ lane, trigger, asked }: RunView): string {
  if (asked === null) return trigger;
  return `${trigger}, ${asked.by}${lane === 'promote' && asked.force ? ', by force: past every gate' : ''}`;
}

function troubled(troubles: readonly RunTrouble[], nowMs: number, colors: Colors): [string, string][] {
  return foldTroubles(troubles).map((one) => ['trouble', colors.yellow(troubleText(one, nowMs))]);
}

/** A reason with what it means. */
export function reasonText(reason: string): string {
  const meaning = (REASONS as Readonly<Record<string, string>>)[reason];
  return meaning === undefined ? reason : `${reason}: ${meaning}`;
}

function sliceTable(slices: readonly SliceView[], nowMs: number, colors: Colors, width?: number): string[] {
  return renderTable(
    [
      { title: 'slice', align: 'right' },
      { title: 'shard', align: 'right', optional: true },
      { title: 'work', optional: true },
      { title: 'state' },
      { title: 'read', align: 'right' },
      { title: 'refused', align: 'right' },
      { title: 'tries', align: 'right', optional: true },
      { title: 'after' },
      { title: 'up to' },
      { title: 'worker', optional: true },
      { title: '' },
    ],
    slices.map((slice) => [
      String(slice.number),
      slice.shard === WHOLE_INDEX ? 'all' : String(slice.shard),
      slice.work,
      stateText(slice.state, colors),
      formatCount(slice.documents.read),
      formatCount(slice.documents.failed),
      String(slice.attempts),
      keyText(slice.after),
      keyText(slice.upTo),
      slice.owner ?? '',
      slice.notBefore === null
        ? (slice.error ?? '')
        : `again ${formatMoment(slice.notBefore, nowMs)}: ${slice.error ?? ''}`,
    ]),
    colors.dim,
    width,
  );
}

/** As `--after` will take it; cut, because a key may be long. */
function keyText(key: readonly string[] | null): string {
  if (key === null) return '';
  const text = key.length === 1 ? (key[0] ?? '') : JSON.stringify(key);
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}

function failureTable(failures: readonly FailureGroup[], colors: Colors, width?: number): string[] {
  return renderTable(
    [{ title: 'refused', align: 'right' }, { title: 'reason' }, { title: 'for example' }, { title: 'detail' }],
    failures.map((group) => [
      colors.yellow(formatCount(group.documents)),
      group.reason,
      group.example,
      group.detail.length <= 100 ? group.detail : `${group.detail.slice(0, 99)}…`,
    ]),
    colors.dim,
    width,
  );
}
