import { formatCount, formatDuration, isShardLane, REASONS, type Reason, type RunView } from '@reindeer/core';
import {
  type Alive,
  type DifferenceRow,
  type FailureGroup,
  foldTroubles,
  type HoldView,
  type Person,
  type RunJob,
  type RunTrouble,
  type SliceView,
} from '@reindeer/ledger';
import { jobAddress, type QueueLimit } from '@reindeer/queue';
import { differenceTable } from './differenceTable.ts';
import { failureTable } from './failureTable.ts';
import { formatMoment } from './format.ts';
import { holdNotice } from './holdNotice.ts';
import { type Html, html } from './html.ts';
import { limitNotice } from './limitNotice.ts';
import { openRun } from './openRun.ts';
import type { Page } from './page.ts';
import { runActions } from './runActions.ts';
import { runBadge } from './runBadge.ts';
import { sliceTable } from './sliceTable.ts';
import { troubleNotice } from './troubleNotice.ts';
import { withCode } from './withCode.ts';

export interface RunPageOptions {
  readonly person: Person;
  readonly run: RunView;
  readonly slices: readonly SliceView[];
  readonly jobs: readonly RunJob[];
  readonly failures: readonly FailureGroup[];
  readonly differences: readonly DifferenceRow[];
  /** Those in force on it, wider ones included. */
  readonly holds: readonly HoldView[];
  readonly troubles: readonly RunTrouble[];
  readonly limits: readonly QueueLimit[];
  readonly alive: Alive;
  readonly nowMs: number;
}

const OUTCOMES = ['read', 'written', 'unchanged', 'superseded', 'filtered', 'deleted', 'failed', 'orphans'] as const;

export function runPage(options: RunPageOptions): Page {
  const { person, run, slices, jobs, failures, differences, nowMs } = options;
  const open = run.finishedAt === null;
  const canAct = person.role === 'operator';
  const main = html`<div class="head">
  <p class="faint"><a href="/#index-${run.index}">${run.index}</a></p>
  <h1>${run.lane} #${run.run}${run.shard !== null && html` <small>shard ${run.shard}</small>`} ${runBadge(run)}</h1>
  ${
    canAct &&
    html`<div class="push actions">${runActions(
      run,
      options.holds.some((hold) => hold.run === run.run),
    )}</div>`
  }
</div>
<article class="card">
${why(run)}
${open && standstill(options, canAct)}
${open && openRun(run)}
<dl class="facts">
  <div><dt>Generation</dt><dd>${generationText(run)}</dd></div>
  <div><dt>Began by</dt><dd>${run.trigger}${asked(run)}</dd></div>
  ${run.asked?.note != null && html`<div><dt>Note</dt><dd>${run.asked.note}</dd></div>`}
  <div><dt>Started</dt><dd>${run.startedAt === null ? 'not yet' : formatMoment(run.startedAt, nowMs)}</dd></div>
  <div><dt>Ended</dt><dd>${run.finishedAt === null ? 'not yet' : formatMoment(run.finishedAt, nowMs)}</dd></div>
  <div><dt>Took</dt><dd>${formatDuration(run.elapsedMs)}</dd></div>
  <div><dt>Per second</dt><dd>${formatCount(run.documentsPerSecond)}</dd></div>
  ${(run.lane === 'rebuild' || run.lane === 'promote') && run.state === 'completed' && html`<div><dt>Changes meanwhile</dt><dd>${run.caughtUp ? 'taken in' : html`not followed <small>a refresh takes them in</small>`}</dd></div>`}
  ${jobLinks(jobs, run.lane !== 'promote')}
</dl>
${
  run.lane !== 'promote' &&
  html`<h3>Documents</h3>
<dl class="facts small">${OUTCOMES.map(
    (outcome) =>
      html`<div><dt>${outcome}</dt><dd class="${outcome === 'failed' && run.documents.failed > 0 ? 'bad' : ''}">${formatCount(run.documents[outcome])}</dd></div>`,
  )}</dl>`
}
${isShardLane(run.lane) && html`<h3>Differences</h3>${differenceTable(run, differences)}`}
</article>
${failures.length > 0 && html`<article class="card"><h3 id="failures">Refused documents</h3>${failureTable(failures, run, nowMs)}</article>`}
${run.lane !== 'promote' && html`<article class="card"><h3 id="slices">Slices</h3>${sliceTable(slices, run, (slice) => jobPath(jobs, 'slice', slice), nowMs)}</article>`}`;
  return { title: `${run.lane} #${run.run}`, main, person, ...(open ? { refreshSeconds: 5 } : {}) };
}

function asked({ lane, asked: by }: RunView): Html | null {
  if (by === null) return null;
  return html` <small>${by.by}${lane === 'promote' && by.force && html`, <span class="bad">by force: past every gate</span>`}</small>`;
}

function generationText({ lane, generation }: RunView): Html | string {
  if (lane === 'incremental') return 'all that are kept current';
  return generation === null ? '–' : html`<code>${generation}</code>`;
}

function why({ reason, error, state }: RunView): Html | null {
  const meaning = reason !== null && Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : null;
  if (reason === null && error === null) return null;
  const tone = state === 'failed' || reason === null ? 'bad' : 'wait';
  return html`<p class="notice ${tone}">${reason !== null && html`<strong>${reason}</strong> ${meaning !== null && withCode(meaning)}`}${reason !== null && error !== null && html`<br>`}${error !== null && withCode(error)}</p>`;
}

/** What may keep it from going on. */
function standstill({ run, holds, troubles, limits, alive, nowMs }: RunPageOptions, canAct: boolean): Html {
  return html`${holds.map((hold) => holdNotice(hold, run.index, canAct, nowMs))}
${limits.map(limitNotice)}
${foldTroubles(troubles).map((one) => troubleNotice(one, nowMs))}
${alive.workers === 0 && html`<p class="notice bad"><strong>No worker is alive.</strong> It waits: start <code>reindeer worker</code>.</p>`}`;
}

function jobLinks(jobs: readonly RunJob[], slices: boolean): Html | false {
  const links = (['plan', 'finish'] as const).flatMap((kind) => {
    const path = jobPath(jobs, kind, 0);
    return path === null ? [] : [html`<a href="${path}">${kind}</a> `];
  });
  return (
    links.length > 0 && html`<div><dt>Jobs</dt><dd>${links}${slices && html`<a href="#slices">slices</a>`}</dd></div>`
  );
}

/** Where Bull Board shows the job that was delivered last for a task. It forgets finished jobs after a day. */
function jobPath(jobs: readonly RunJob[], kind: RunJob['kind'], number: number): string | null {
  const job = jobs.find((one) => one.kind === kind && one.number === number);
  if (job === undefined) return null;
  const { queue, id } = jobAddress(job);
  return `/queues/queue/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;
}
