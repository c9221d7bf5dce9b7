import { formatCount, type RunView } from '@reindeer/core';
import type { FailureGroup } from '@reindeer/ledger';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';

/** Documents that were refused in a run, by cause: one mistake in a mapping refuses them all. */
export function failureTable(groups: readonly FailureGroup[], run: RunView, nowMs: number): Html {
  return html`<div class="scroll"><table>
<thead><tr><th class="n">Documents</th><th>Reason</th><th>Detail</th><th>For example</th><th>Last</th></tr></thead>
<tbody>${groups.map(
    ({ documents, reason, detail, example, lastAt }) => html`<tr>
<td class="n bad">${formatCount(documents)}</td><td><span class="reason">${reason}</span></td><td><p class="why">${detail}</p></td>
<td><code>${example}</code></td><td>${formatMoment(lastAt, nowMs)}</td></tr>`,
  )}</tbody></table></div>
<p class="faint"><a href="/api/v1/runs/${run.run}/failures">All as JSON</a></p>`;
}
