import type { Person } from '@reindeer/ledger';
import type { Problem } from '../api/problem.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';

/** A problem for people. */
export function problemPage(problem: Problem, person: Person | null): Page {
  const main = html`<section class="gate">
  <h1>${problem.title}</h1>
  <p>${problem.detail}</p>
  ${problem.refusals?.map(({ run }) => run !== null && html`<p><a href="/runs/${run}">To run #${run}</a></p>`)}
  <p><a href="/">To the overview</a></p>
</section>`;
  return { title: problem.title, main, person };
}
