import type { Alive, Person } from '@reindeer/ledger';
import type { IndexView } from '../api/indexView.ts';
import { html } from './html.ts';
import { indexCard } from './indexCard.ts';
import type { Page } from './page.ts';

const REFRESH_SECONDS = 5;

export interface OverviewOptions {
  readonly person: Person;
  readonly indexes: readonly IndexView[];
  /** Somebody paused the queue of ticks in Bull Board. */
  readonly ticksPaused: boolean;
  readonly alive: Alive;
  readonly nowMs: number;
}

export function overviewPage({ person, indexes, ticksPaused, alive, nowMs }: OverviewOptions): Page {
  const running = indexes.filter(({ openRuns }) => openRuns.length > 0).length;
  const held = indexes.filter(({ holds }) => holds.length > 0).length;
  const main = html`<div class="head">
  <h1>Overview</h1>
  <p class="faint">${indexes.length} ${indexes.length === 1 ? 'index' : 'indexes'} · ${running} running · ${held} held</p>
</div>
${!alive.scheduler && html`<p class="notice wait"><strong>No scheduler is alive.</strong> No schedule starts anything, and what died is not taken over: start <code>reindeer scheduler</code>.</p>`}
${alive.workers === 0 && html`<p class="notice wait"><strong>No worker is alive.</strong> What is unfinished waits: start <code>reindeer worker</code>.</p>`}
${ticksPaused && html`<p class="notice wait"><strong>The queue of ticks is paused in Bull Board.</strong> No schedule starts anything until somebody resumes it there.</p>`}
${indexes.length === 0 ? html`<p class="empty">The configuration names no index.</p>` : indexes.map((index) => indexCard(index, nowMs))}`;
  return { title: 'Overview', main, person, place: 'overview', refreshSeconds: REFRESH_SECONDS };
}
