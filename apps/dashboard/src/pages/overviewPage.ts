import type { RunView } from '@reindeer/core';
import type { Alive, ConfigurationStanding, IndexHealth, Person, RunTrouble } from '@reindeer/ledger';
import type { QueueLimit } from '@reindeer/queue';
import type { IndexView } from '../api/indexView.ts';
import { action } from './action.ts';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { indexCard, isEnding } from './indexCard.ts';
import { limitNotice } from './limitNotice.ts';
import type { Page } from './page.ts';
import { plural } from './plural.ts';

const REFRESH_SECONDS = 5;

export interface OverviewOptions {
  readonly person: Person;
  readonly indexes: readonly IndexView[];
  readonly health: readonly IndexHealth[];
  readonly lastRuns: readonly RunView[];
  readonly troubles: readonly RunTrouble[];
  /** null: the queue does not answer. */
  readonly limits: readonly QueueLimit[] | null;
  /** Somebody paused the queue of ticks in Bull Board. */
  readonly ticksPaused: boolean;
  readonly alive: Alive;
  readonly standing: ConfigurationStanding;
  readonly nowMs: number;
}

export function overviewPage(options: OverviewOptions): Page {
  const { person, indexes, health, lastRuns, troubles, ticksPaused, nowMs } = options;
  const running = indexes.filter(({ openRuns }) => openRuns.some(isEnding)).length;
  const held = indexes.filter(({ holds }) => holds.length > 0).length;
  const canAct = person.role === 'operator';
  const limits = options.limits ?? [];
  const main = html`<div class="head">
  <h1>Overview</h1>
  <p class="faint">${plural(indexes.length, 'index', 'indexes')} · ${running} running · ${held} held</p>
</div>
${alarms(options, canAct)}
${limits.filter(({ index }) => index === null).map(limitNotice)}
${
  indexes.length === 0
    ? html`<p class="empty">The configuration names no index.</p>`
    : indexes.map((index) =>
        indexCard({
          index,
          health: health.find((one) => one.index === index.index) ?? null,
          lastRuns: lastRuns.filter((run) => run.index === index.index),
          troubles: troubles.filter(({ run }) => index.openRuns.some((open) => open.run === run)),
          limits: limits.filter((limit) => limit.index === index.index),
          ticksPaused,
          canAct,
          nowMs,
        }),
      )
}`;
  return { title: 'Overview', main, person, place: 'overview', refreshSeconds: REFRESH_SECONDS };
}

/** What keeps everything from going on, whatever the indexes say. */
function alarms({ alive, standing, ticksPaused, limits, nowMs }: OverviewOptions, canAct: boolean): Html {
  return html`${!alive.scheduler && html`<p class="notice bad"><strong>No scheduler is alive.</strong> No schedule starts anything, and what died is not taken over: start <code>reindeer scheduler</code>.</p>`}
${alive.workers === 0 && html`<p class="notice bad"><strong>No worker is alive.</strong> What is unfinished waits: start <code>reindeer worker</code>.</p>`}
${standing.kind === 'older' && html`<p class="notice bad"><strong>This configuration is older</strong> than the one that schedulers applied ${formatMoment(standing.appliedAt, nowMs)}: processes that have it start nothing. Deploy the newer one, or go back on purpose: <code>reindeer scheduler --apply-config</code>.</p>`}
${limits === null && html`<p class="notice bad"><strong>The queue does not answer.</strong> Nothing is delivered meanwhile; no work is lost.</p>`}
${ticksPaused && html`<div class="notice wait"><div class="line"><p><strong>The queue of ticks is paused in Bull Board.</strong> No schedule starts anything.</p>${canAct && html`<div class="push">${action({ to: '/ticks/resume', label: 'Resume' })}</div>`}</div></div>`}`;
}
