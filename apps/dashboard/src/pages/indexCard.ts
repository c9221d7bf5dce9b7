import { formatCount, formatDuration, pendingChangeText, type RunView } from '@reindeer/core';
import { foldTroubles, type IndexHealth, type RunTrouble, sumRuns } from '@reindeer/ledger';
import type { QueueLimit } from '@reindeer/queue';
import type { IndexView } from '../api/indexView.ts';
import { differencesFound } from './differencesFound.ts';
import { followed, followNotices } from './followed.ts';
import { formatMoment } from './format.ts';
import { holdNotice } from './holdNotice.ts';
import { type Html, html } from './html.ts';
import { indexActions } from './indexActions.ts';
import { lastDecisions } from './lastDecisions.ts';
import { limitNotice } from './limitNotice.ts';
import { nextTicks } from './nextTicks.ts';
import { openRun, openShards } from './openRun.ts';
import { plural } from './plural.ts';
import { badge } from './runBadge.ts';
import { runTable } from './runTable.ts';
import { troubleNotice } from './troubleNotice.ts';
import { withCode } from './withCode.ts';

export interface IndexCardOptions {
  readonly index: IndexView;
  /** null: nothing is live. */
  readonly health: IndexHealth | null;
  readonly lastRuns: readonly RunView[];
  /** Of its open runs. */
  readonly troubles: readonly RunTrouble[];
  /** Of its queues. */
  readonly limits: readonly QueueLimit[];
  readonly ticksPaused: boolean;
  readonly canAct: boolean;
  readonly nowMs: number;
}

/** All that the overview says of one index. */
export function indexCard({
  index,
  health,
  lastRuns,
  troubles,
  limits,
  ticksPaused,
  canAct,
  nowMs,
}: IndexCardOptions): Html {
  const { live } = index;
  const shards = Math.max(health?.shards ?? 1, ...(index.schedules ?? []).map(({ shard }) => (shard ?? 0) + 1));
  return html`<article class="card" id="index-${index.index}">
<header>
  <h2>${index.index}</h2>
  ${condition(index, health)}
  ${canAct && index.configured && html`<div class="push actions">${indexActions(index, shards)}</div>`}
</header>
${index.holds.map((hold) => holdNotice(hold, index.index, canAct, nowMs))}
${limits.map(limitNotice)}
${index.definitionChange !== null && html`<p class="notice wait"><strong>Live is of another definition</strong> than the one that is applied. It ${withCode(pendingChangeText(index.index, index.definitionChange))}.</p>`}
${followNotices(index)}
${foldTroubles(beside(index, troubles)).map((one) => troubleNotice(one, nowMs))}
<dl class="facts">
  <div><dt>Live generation</dt><dd>${live === null ? 'none yet' : html`<code>${live.name}</code>`}</dd></div>
  <div><dt>Documents when built</dt><dd>${live?.documents == null ? '–' : formatCount(live.documents)}</dd></div>
  <div><dt>Freshness</dt><dd>${freshness(index, health, nowMs)}</dd></div>
  <div><dt>Changes</dt><dd>${followed(index)}</dd></div>
  <div><dt>Live since</dt><dd>${live?.promotedAt == null ? '–' : formatMoment(live.promotedAt, nowMs)}</dd></div>
  <div><dt>Last verify</dt><dd>${verified(health, nowMs)}</dd></div>
  ${index.soaking.length > 0 && html`<div><dt>Can be rolled back to</dt><dd>${soaking(index, nowMs)}</dd></div>`}
  ${health?.owed != null && html`<div><dt>Refresh owed</dt><dd>${owed(health.owed, nowMs)}</dd></div>`}
</dl>
${openRuns(index.openRuns)}
<div class="columns">
<section><h3>Next ticks</h3>${nextTicks(index.schedules, ticksPaused, nowMs)}</section>
${index.decisions.length > 0 && html`<section><h3>Last decisions</h3>${lastDecisions(index.decisions, nowMs)}</section>`}
</div>
<h3>Last runs</h3>
${runTable(lastRuns, nowMs)}
<p class="faint more"><a href="/api/v1/indexes/${encodeURIComponent(index.index)}">This index as JSON</a> · <a href="/queues/queue/${encodeURIComponent(`${index.index}.bulk`)}">Its queue</a></p>
</article>`;
}

/** The one word that matters most. */
function condition(index: IndexView, health: IndexHealth | null): Html {
  if (!index.configured) return badge('not configured', 'calm');
  const [hold] = index.holds
    .filter(({ run }) => run === null)
    .sort((a, b) => (a.lane ?? '').localeCompare(b.lane ?? ''));
  if (hold !== undefined) return badge(hold.lane === null ? 'paused' : `${hold.lane} paused`, 'wait');
  if (index.feed?.state === 'stands') return badge('feed stands', 'bad');
  const ending = index.openRuns.filter(isEnding);
  if (ending.some((run) => run.waitsFor !== null)) return badge('waits', 'wait');
  if (ending.some((run) => run.state === 'paused')) return badge('run paused', 'wait');
  if (ending.length > 0) return badge('running', 'busy');
  // A feed that was ended, by a new configuration say, is followed by another.
  if (index.lastRuns.find(isEnding)?.state === 'failed') return badge('last run failed', 'bad');
  if (index.live === null) return badge('never indexed', 'wait');
  if (differences(health) > 0) return badge('differs', 'bad');
  if (index.definitionChange !== null) return badge('definition changed', 'wait');
  return index.feed?.state === 'follows' && index.changes !== 'none' ? badge('current', 'good') : badge('idle', 'good');
}

function differences(health: IndexHealth | null): number {
  const found = health?.verified;
  return found == null ? 0 : found.missing + found.extra + found.stale;
}

/** As fresh as its stalest shard: as the last look at the source, or the last pass over the log of its changes. */
function freshness(index: IndexView, health: IndexHealth | null, nowMs: number): Html | string {
  if (index.live === null) return 'never indexed';
  const at = health?.indexedAt ?? index.lastIndexedAt;
  if (at === null) return 'not known';
  const age = formatDuration(Math.max(0, nowMs - Date.parse(at)));
  return html`<span title="${at}">${age} old</span>${health?.stalestShard != null && html` <small>shard ${health.stalestShard} is the stalest of ${health.shards}</small>`}`;
}

function verified(health: IndexHealth | null, nowMs: number): Html | string {
  if (health?.verified == null) return 'never';
  const { shards, since, missing, extra, stale, run } = health.verified;
  const part = shards < health.shards ? html` <small>${shards} of ${plural(health.shards, 'shard')}</small>` : '';
  const found = differencesFound({ missing, extra, stale });
  if (found === '')
    return html`<span class="good">nothing differs</span>${part} <small>${formatMoment(since, nowMs)}</small>`;
  return html`<span class="bad">${found}</span>${part} <small>${run !== null && html`<a href="/runs/${run}">#${run}</a>, `}${formatMoment(since, nowMs)}</small>`;
}

/** Usual for a while after a rebuild: what changed while it read is taken in by a refresh that follows by itself. */
function owed({ shards, since, causes }: NonNullable<IndexHealth['owed']>, nowMs: number): Html {
  return html`${plural(shards, 'shard')} <small>${formatMoment(since, nowMs)}, ${causes.join(', ')}</small>`;
}

function soaking({ soaking: all }: IndexView, nowMs: number): Html[] {
  return all.map(
    ({ generation, until }) =>
      html`<div><code>${generation}</code> <small title="until ${until}">for ${formatDuration(Math.max(0, Date.parse(until) - nowMs))} more</small></div>`,
  );
}

/** What is wrong with a feed that stands is said of the index. */
function beside({ feed }: IndexView, troubles: readonly RunTrouble[]): readonly RunTrouble[] {
  return feed?.state === 'stands' ? troubles.filter(({ run }) => run !== feed.run) : troubles;
}

/** The feed never ends; how it does is said of the index. */
export function isEnding({ lane }: RunView): boolean {
  return lane !== 'incremental';
}

const APART = 2;

function openRuns(all: readonly RunView[]): Html | Html[] {
  const runs = all.filter(isEnding);
  if (runs.length === 0) return html`<p class="empty">Nothing is running.</p>`;
  return [...Map.groupBy(runs, ({ lane }) => lane).values()].map((those) => {
    const sum = those.length > APART ? sumRuns(those) : null;
    return sum === null ? html`${those.map(openRun)}` : openShards(sum, those);
  });
}
