import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration } from '@reindeer/core';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { stateBadge } from './stateBadge.ts';

/** Runs as a table, newest first. */
export function runTable(runs: readonly RunView[], nowMs: number): Html {
  if (runs.length === 0) return html`<p class="empty">No run has ended yet.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>Run</th><th>Lane</th><th>State</th><th>Generation</th><th class="n">Read</th><th class="n">Written</th><th class="n">Failed</th><th class="n">Took</th><th class="n">Per second</th><th>Ended</th></tr></thead>
<tbody>${runs.map(
    (run) => html`<tr>
<td><a href="/runs/${run.run}">#${run.run}</a></td>
<td>${run.lane}${run.shard !== null && html` <small>shard ${run.shard}</small>`}</td>
<td>${stateBadge(run.state)}${run.reason !== null && html` <span class="reason">${run.reason}</span>`}</td>
<td>${run.generation === null ? '–' : html`<code>${run.generation}</code>`}</td>
<td class="n">${formatCount(run.documents.read)}</td>
<td class="n">${formatCount(run.documents.written)}</td>
<td class="n ${run.documents.failed > 0 ? 'bad' : ''}">${formatCount(run.documents.failed)}</td>
<td class="n">${formatDuration(run.elapsedMs)}</td>
<td class="n">${formatCount(run.documentsPerSecond)}</td>
<td>${run.finishedAt === null ? '–' : formatMoment(run.finishedAt, nowMs)}</td>
</tr>`,
  )}</tbody></table></div>`;
}
