import type { RunView } from '@reindeer/core';
import { formatCount, formatDuration } from '@reindeer/core';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';
import { runBadge } from './runBadge.ts';
import { withCode } from './withCode.ts';

/** A run that is going on, with its bar. */
export function openRun(run: RunView): Html {
  const done = progressOf(run);
  return html`<section class="run">
<div class="line">
  <strong>${run.lane} ${run.run !== null && html`<a href="/runs/${run.run}">#${run.run}</a>`}${run.shard !== null && html` <small>shard ${run.shard}</small>`}</strong>
  ${runBadge(run)}
  ${run.reason !== null && html`<span class="reason">${run.reason}</span>`}
  <span class="push">${done.text}</span>
</div>
${done.share !== null && html`<progress max="1" value="${done.share}" aria-label="Progress of ${run.run === null ? run.lane : `run ${run.run}`}">${done.text}</progress>`}
${run.waitsFor !== null && html`<p class="notice wait"><strong>Waits: ${run.waitsFor.reason}</strong> ${withCode(run.waitsFor.detail)}</p>`}
${run.lane !== 'promote' && figures(run)}
</section>`;
}

function figures({ lane, documents, slices, documentsPerSecond }: RunView): Html {
  const expected =
    documents.expected === null
      ? ''
      : ` of ${documents.expectedExact ? '' : 'about '}${formatCount(documents.expected)}`;
  return html`<div class="line faint">
  <span>${formatCount(documents.read)}${expected} ${lane === 'rebuild' ? 'documents' : 'rows'} read</span>
  ${documents.read > 0 && html`<span>${formatCount(documentsPerSecond)} per second</span>`}
  ${slices.total > 1 && html`<span>${slices.completed} of ${slices.total} slices</span>`}
  ${documents.failed > 0 && html`<span class="bad">${formatCount(documents.failed)} refused</span>`}
  ${slices.failed > 0 && html`<span class="bad">${plural(slices.failed, 'slice')} failed</span>`}
</div>`;
}

/** Runs of one lane that go on side by side, one for each shard, as one; each of them below. */
export function openShards(sum: RunView, runs: readonly RunView[]): Html {
  return html`${openRun(sum)}
<details class="fold" id="open-${sum.index}-${sum.lane}"><summary>${plural(runs.length, 'shard')}</summary>${runs.map(openRun)}</details>`;
}

/**
 * How far a run is, in words and as a share for its bar. A percentage belongs to the reading of documents; what comes
 * after it has none, and 99 % for as long as it takes would be a lie.
 */
function progressOf(run: RunView): { readonly text: string; readonly share: number | null } {
  const left = run.etaMs === null ? '' : ` · ${formatDuration(run.etaMs)} left`;
  if (run.lane === 'promote' && run.state !== 'queued') return { text: `to ${run.generation ?? '?'}`, share: null };
  if (run.lane === 'incremental' && run.state === 'building') return { text: 'never ends', share: null };
  const percent = `${Math.floor(run.progress * 100)} %`;
  switch (run.state) {
    case 'planning':
      return { text: 'finding the slices', share: null };
    case 'catching_up':
      return { text: run.waitsFor === null ? 'all is read; settling the new generation' : 'all is read', share: 1 };
    case 'verifying':
      return { text: 'all is read; checking that nothing is missing', share: 1 };
    case 'promoting':
      return { text: 'checked; making it live', share: 1 };
    case 'soaking':
      return { text: 'live; the one before is kept current', share: 1 };
    case 'queued':
      return { text: 'waiting for a worker', share: run.documents.read > 0 ? run.progress : null };
    default:
      return { text: `${percent}${left}`, share: run.progress };
  }
}
