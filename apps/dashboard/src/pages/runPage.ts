import { formatCount, formatDuration, REASONS, type Reason, type RunView } from '@reindeer/core';
import type { FailureView, Person, SliceView } from '@reindeer/ledger';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { openRun } from './openRun.ts';
import type { Page } from './page.ts';
import { badge, stateBadge } from './stateBadge.ts';

export interface RunPageOptions {
  readonly person: Person;
  readonly run: RunView;
  readonly slices: readonly SliceView[];
  readonly failures: readonly FailureView[];
  readonly nowMs: number;
}

const OUTCOMES = ['read', 'written', 'unchanged', 'superseded', 'filtered', 'deleted', 'failed', 'orphans'] as const;

export function runPage({ person, run, slices, failures, nowMs }: RunPageOptions): Page {
  const open = run.finishedAt === null;
  const meaning = run.reason !== null && Object.hasOwn(REASONS, run.reason) ? REASONS[run.reason as Reason] : null;
  const main = html`<div class="head">
  <p class="faint"><a href="/#index-${run.index}">${run.index}</a></p>
  <h1>${run.lane} #${run.run} ${stateBadge(run.state)}</h1>
</div>
<article class="card">
${run.reason !== null && html`<p class="notice ${run.state === 'failed' ? 'bad' : 'wait'}"><strong>${run.reason}</strong> ${meaning}${run.error !== null && html`<br>${run.error}`}</p>`}
${run.reason === null && run.error !== null && html`<p class="notice bad">${run.error}</p>`}
${open && openRun(run)}
<dl class="facts">
  <div><dt>Generation</dt><dd>${run.generation === null ? '–' : html`<code>${run.generation}</code>`}</dd></div>
  <div><dt>Asked for by</dt><dd>${run.trigger}</dd></div>
  <div><dt>Started</dt><dd>${run.startedAt === null ? 'not yet' : formatMoment(run.startedAt, nowMs)}</dd></div>
  <div><dt>Ended</dt><dd>${run.finishedAt === null ? 'not yet' : formatMoment(run.finishedAt, nowMs)}</dd></div>
  <div><dt>Took</dt><dd>${formatDuration(run.elapsedMs)}</dd></div>
  <div><dt>Per second</dt><dd>${formatCount(run.documentsPerSecond)}</dd></div>
  <div><dt>Caught up</dt><dd>${run.caughtUp ? 'yes' : 'no'}</dd></div>
</dl>
<h3>Documents</h3>
<dl class="facts small">${OUTCOMES.map(
    (outcome) =>
      html`<div><dt>${outcome}</dt><dd class="${outcome === 'failed' && run.documents.failed > 0 ? 'bad' : ''}">${formatCount(run.documents[outcome])}</dd></div>`,
  )}</dl>
</article>
<article class="card"><h3 id="slices">Slices</h3>${sliceTable(slices, run, nowMs)}</article>
${failures.length > 0 && html`<article class="card"><h3 id="failures">Refused documents</h3>${failureTable(failures, run, nowMs)}</article>`}`;
  return { title: `${run.lane} #${run.run}`, main, person, ...(open ? { refreshSeconds: 5 } : {}) };
}

function sliceTable(slices: readonly SliceView[], run: RunView, nowMs: number): Html {
  if (slices.length === 0) return html`<p class="empty">None is planned yet.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>Slice</th><th>State</th><th>After</th><th>Up to</th><th>Cursor</th><th class="n">Read</th><th class="n">Expected</th><th class="n">Attempts</th><th>Worker</th><th>Progress</th></tr></thead>
<tbody>${slices.map(
    (slice) => html`<tr>
<td>${slice.number}</td>
<td>${badge(slice.state, SLICE_TONES[slice.state])}${slice.error !== null && html` <span class="bad">${slice.error}</span>`}</td>
<td>${keyText(slice.after)}</td><td>${keyText(slice.upTo)}</td><td>${keyText(slice.cursor)}</td>
<td class="n">${formatCount(slice.documents.read)}</td><td class="n">${formatCount(slice.estimate)}</td><td class="n">${slice.attempts}</td>
<td>${slice.owner ?? '–'}</td>
<td>${slice.progressedAt === null ? '–' : formatMoment(slice.progressedAt, nowMs)}</td>
</tr>`,
  )}</tbody></table></div>
${slices.length < run.slices.total && html`<p class="faint">The first ${slices.length} of ${run.slices.total}; <a href="/api/v1/runs/${run.run}/slices">all as JSON</a>.</p>`}`;
}

const SLICE_TONES = { queued: 'wait', running: 'busy', completed: 'good', failed: 'bad', cancelled: 'calm' } as const;

function failureTable(failures: readonly FailureView[], run: RunView, nowMs: number): Html {
  return html`<div class="scroll"><table>
<thead><tr><th>Document</th><th>Reason</th><th>Detail</th><th>Slice</th><th>When</th></tr></thead>
<tbody>${failures.map(
    (failure) => html`<tr>
<td><code>${failure.document}</code></td><td><span class="reason">${failure.reason}</span></td><td>${failure.detail}</td>
<td>${failure.slice}</td><td>${formatMoment(failure.failedAt, nowMs)}</td></tr>`,
  )}</tbody></table></div>
<p class="faint"><a href="/api/v1/runs/${run.run}/failures">All as JSON</a></p>`;
}

function keyText(key: readonly string[] | null): Html | string {
  return key === null ? '–' : html`<code>${key.join(', ')}</code>`;
}
