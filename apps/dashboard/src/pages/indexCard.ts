import { formatCount, formatDuration, REASONS, type Reason } from '@reindeer/core';
import type { DecisionView, HoldView } from '@reindeer/ledger';
import type { IndexView, ScheduleView } from '../api/indexView.ts';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { openRun } from './openRun.ts';
import { runTable } from './runTable.ts';
import { badge } from './stateBadge.ts';

/** All that the overview says of one index. */
export function indexCard(index: IndexView, nowMs: number): Html {
  const { live } = index;
  return html`<article class="card" id="index-${index.index}">
<header>
  <h2>${index.index}</h2>
  ${condition(index)}
  <a class="push" href="/api/v1/indexes/${encodeURIComponent(index.index)}">JSON</a>
</header>
${index.holds.map((hold) => heldNotice(hold, nowMs))}
${live !== null && !live.caughtUp && notCaughtUpNotice(index.owedRefreshes)}
${live?.caughtUp && index.owedRefreshes > 0 && owedNotice(index.owedRefreshes)}
<dl class="facts">
  <div><dt>Live generation</dt><dd>${live === null ? 'none yet' : html`<code>${live.name}</code>`}</dd></div>
  <div><dt>Documents</dt><dd>${live?.documents == null ? '–' : formatCount(live.documents)}</dd></div>
  <div><dt>Freshness</dt><dd>${index.freshnessSeconds === null ? 'never indexed' : html`${formatDuration(index.freshnessSeconds * 1_000)} old`}</dd></div>
  <div><dt>Live since</dt><dd>${live?.promotedAt == null ? '–' : formatMoment(live.promotedAt, nowMs)}</dd></div>
  <div><dt>Next tick</dt><dd>${nextTick(index.schedules, nowMs)}</dd></div>
</dl>
${index.openRuns.length === 0 ? html`<p class="empty">Nothing is running.</p>` : index.openRuns.map(openRun)}
${index.decisions.length > 0 && html`<h3>Last decisions</h3><ul class="decisions">${index.decisions.map((decision) => decided(decision, nowMs))}</ul>`}
<h3>Last runs</h3>
${runTable(index.lastRuns, nowMs)}
</article>`;
}

/** The one word that matters most. */
function condition(index: IndexView): Html {
  if (!index.configured) return badge('not configured', 'calm');
  if (index.holds.length > 0) return badge('held', 'wait');
  if (index.openRuns.some((run) => run.state === 'paused')) return badge('paused', 'wait');
  if (index.openRuns.length > 0) return badge('running', 'busy');
  if (index.lastRuns[0]?.state === 'failed') return badge('last run failed', 'bad');
  return index.live === null ? badge('never indexed', 'wait') : badge('idle', 'good');
}

function heldNotice(hold: HoldView, nowMs: number): Html {
  const scope =
    hold.run !== null ? `run #${hold.run}` : (hold.lane ?? (hold.index === null ? 'every index' : 'every lane'));
  return html`<p class="notice wait"><strong>Held: ${hold.reason}</strong> (${scope}) by ${hold.actor}, ${formatMoment(hold.createdAt, nowMs)}${hold.note !== null && html`: ${hold.note}`}.
Nothing in it starts until the hold is released.</p>`;
}

function notCaughtUpNotice(owed: number): Html {
  return html`<p class="notice wait"><strong>Promoted without catching up.</strong>
Changes made in the source while the last rebuild was reading may be missing from what is live.
${owed > 0 ? html`${shards(owed)} a refresh; ` : ''}the next rebuild also takes them in.</p>`;
}

function owedNotice(owed: number): Html {
  return html`<p class="notice wait"><strong>Refresh owed.</strong> ${shards(owed)} a refresh before what is live is proven right.</p>`;
}

function shards(count: number): string {
  return count === 1 ? '1 shard owes' : `${count} shards owe`;
}

function nextTick(schedules: readonly ScheduleView[] | null, nowMs: number): Html | string {
  if (schedules === null) return 'the queue does not answer';
  const [next] = schedules
    .filter(({ nextAt }) => nextAt !== null)
    .sort((a, b) => ((a.nextAt ?? '') < (b.nextAt ?? '') ? -1 : 1));
  if (next?.nextAt == null) return schedules.length === 0 ? 'not scheduled' : 'not known';
  const rhythm = next.cron !== null ? `${next.cron} ${next.timezone}` : `every ${formatDuration(next.everyMs ?? 0)}`;
  return html`${formatMoment(next.nextAt, nowMs)} <small>${next.lane}, ${rhythm}</small>`;
}

function decided(decision: DecisionView, nowMs: number): Html {
  const { lane, shard, outcome, reason, run, count } = decision;
  const meaning = reason !== null && Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : null;
  return html`<li>
<span>${lane}${shard !== null && html` <small>shard ${shard}</small>`}</span>
${outcome === 'started' ? badge('started', 'good') : badge('skipped', 'calm')}
<span>${run !== null && html`<a href="/runs/${run}">#${run}</a> `}${reason !== null && html`<span class="reason">${reason}</span> `}${meaning !== null && html`<span class="faint">${withCode(meaning)}</span>`}</span>
<span class="push faint">${count > 1 && html`${formatCount(count)} times, `}${formatMoment(decision.decidedAt, nowMs)}</span>
</li>`;
}

/** What stands between backticks as code. */
function withCode(text: string): Html[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
