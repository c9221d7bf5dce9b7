import type { Person } from '@reindeer/ledger';
import type { RunsStarted } from '../commands/startRuns.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';
import { plural } from './plural.ts';

/** Of several runs some were started, and some were not. */
export function partlyStartedPage({ runs, refusals }: RunsStarted, person: Person): Page {
  const [first] = runs;
  const main = html`<section class="gate wide">
  <h1>${plural(runs.length, 'run')} started, ${refusals.length} refused</h1>
  <ul class="rows">${refusals.map(
    ({ shard, reason, detail, run }) => html`<li>
<span>${shard === null ? 'all of it' : `shard ${shard}`}</span>
<span><span class="reason">${reason}</span> ${detail}${run !== null && html` <a href="/runs/${run}">#${run}</a>`}</span></li>`,
  )}</ul>
  <p><a href="/#index-${first?.index ?? ''}">To the overview</a></p>
</section>`;
  return { title: 'Started in part', main, person };
}
