import { formatCount, type RunView } from '@reindeer/core';
import type { SliceView } from '@reindeer/ledger';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { badge } from './runBadge.ts';
import { withCode } from './withCode.ts';

/** The slices of a run, each with its job in Bull Board. */
export function sliceTable(
  slices: readonly SliceView[],
  run: RunView,
  jobOf: (slice: number) => string | null,
  nowMs: number,
): Html {
  if (slices.length === 0)
    return html`<p class="empty">${run.finishedAt === null ? 'None is planned yet.' : 'None was planned.'}</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>Slice</th><th>Work</th><th>State</th><th>After</th><th>Up to</th><th>Cursor</th><th class="n">Read</th><th class="n">Expected</th><th class="n">Attempts</th><th>Worker</th><th>Progress</th><th>Job</th></tr></thead>
<tbody>${slices.map((slice) => {
    const job = jobOf(slice.number);
    return html`<tr>
<td>${slice.number}</td><td>${slice.work}</td>
<td>${badge(slice.state, TONES[slice.state])}${slice.error !== null && html`<p class="bad why">${withCode(slice.error)}</p>`}</td>
<td>${keyText(slice.after)}</td><td>${keyText(slice.upTo)}</td><td>${keyText(slice.cursor)}</td>
<td class="n">${formatCount(slice.documents.read)}</td><td class="n">${formatCount(slice.estimate)}</td><td class="n">${slice.attempts}</td>
<td>${slice.owner ?? '–'}</td>
<td>${slice.progressedAt === null ? '–' : formatMoment(slice.progressedAt, nowMs)}</td>
<td>${job === null ? '–' : html`<a href="${job}" aria-label="Job of slice ${slice.number}">job</a>`}</td>
</tr>`;
  })}</tbody></table></div>
${slices.length < run.slices.total && html`<p class="faint">The first ${slices.length} of ${run.slices.total}; <a href="/api/v1/runs/${run.run}/slices">all as JSON</a>.</p>`}`;
}

const TONES = { queued: 'wait', running: 'busy', completed: 'good', failed: 'bad', cancelled: 'calm' } as const;

function keyText(key: readonly string[] | null): Html | string {
  return key === null ? '–' : html`<code>${key.join(', ')}</code>`;
}
