import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration } from '@reindeer/core';
import { formatMoment } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';
import type { Colors } from '../terminal/terminal.ts';
import { shareText } from './progressLine.ts';
import { runStateText } from './stateText.ts';

/** Runs, one line each. */
export function runTable(runs: readonly RunView[], nowMs: number, colors: Colors, width?: number): string[] {
  return renderTable(
    [
      { title: 'run', align: 'right' },
      { title: 'index' },
      { title: 'lane' },
      { title: 'state' },
      { title: 'documents', align: 'right' },
      { title: 'refused', align: 'right', optional: true },
      { title: 'took', align: 'right', optional: true },
      { title: 'docs/s', align: 'right', optional: true },
      { title: 'started by', optional: true },
      { title: 'created' },
      { title: 'reason' },
    ],
    runs.map((run) => [
      String(run.run),
      run.index,
      run.shard === null ? run.lane : `${run.lane} ${run.shard}`,
      runStateText(run, colors) + (isUnderWay(run) ? ` ${shareText(run)}`.trimEnd() : ''),
      formatCount(run.documents.read),
      run.documents.failed > 0 ? colors.yellow(formatCount(run.documents.failed)) : '0',
      run.startedAt === null ? '-' : formatDuration(run.elapsedMs),
      run.documentsPerSecond > 0 ? formatCount(run.documentsPerSecond) : '-',
      run.trigger,
      formatMoment(run.createdAt, nowMs),
      run.reason ?? '',
    ]),
    colors.dim,
    width,
  );
}

function isUnderWay(run: RunView): boolean {
  return run.finishedAt === null && run.state !== 'queued';
}
