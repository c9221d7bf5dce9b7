import type { RunView } from '@reindeer/core';
import type { FailureView } from '@reindeer/ledger';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';

/** Documents that the sink refused in a run. */
export function failureTable(failures: readonly FailureView[], run: RunView, nowMs: number): Html {
  return html`<div class="scroll"><table>
<thead><tr><th>Document</th><th>Reason</th><th>Detail</th><th>Slice</th><th>When</th></tr></thead>
<tbody>${failures.map(
    (failure) => html`<tr>
<td><code>${failure.document}</code></td><td><span class="reason">${failure.reason}</span></td><td>${failure.detail}</td>
<td>${failure.slice}</td><td>${formatMoment(failure.failedAt, nowMs)}</td></tr>`,
  )}</tbody></table></div>
<p class="faint"><a href="/api/v1/runs/${run.run}/failures">All as JSON</a></p>`;
}
