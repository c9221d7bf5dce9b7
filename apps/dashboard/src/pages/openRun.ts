import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration } from '@reindeer/core';
import { type Html, html } from './html.ts';
import { stateBadge } from './stateBadge.ts';

/** A run that is going on, with its bar. */
export function openRun(run: RunView): Html {
  const { documents, slices } = run;
  const percent = Math.floor(run.progress * 100);
  const expected =
    documents.expected === null
      ? ''
      : ` of ${documents.expectedExact ? '' : 'about '}${formatCount(documents.expected)}`;
  return html`<section class="run">
<div class="line">
  <strong>${run.lane} <a href="/runs/${run.run}">#${run.run}</a>${run.shard !== null && html` <small>shard ${run.shard}</small>`}</strong>
  ${stateBadge(run.state)}
  ${run.reason !== null && html`<span class="reason">${run.reason}</span>`}
  <span class="push">${percent} %${run.etaMs !== null && html` · ${formatDuration(run.etaMs)} left`}</span>
</div>
<progress max="1" value="${run.progress}" aria-label="Progress of run ${run.run}">${percent} %</progress>
<div class="line faint">
  <span>${formatCount(documents.read)}${expected} documents read</span>
  <span>${formatCount(run.documentsPerSecond)} per second</span>
  <span>${slices.completed} of ${slices.total} slices</span>
  ${documents.failed > 0 && html`<span class="bad">${formatCount(documents.failed)} refused</span>`}
  ${slices.failed > 0 && html`<span class="bad">${slices.failed} slices failed</span>`}
</div>
</section>`;
}
