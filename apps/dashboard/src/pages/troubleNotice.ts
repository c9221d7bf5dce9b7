import type { FoldedTrouble } from '@reindeer/ledger';
import { formatDue, formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';
import { withCode } from './withCode.ts';

/** Why runs that are open do not get on: since when, what is done about it, and what failed. */
export function troubleNotice({ runs, attempts, since, nextAt, error }: FoldedTrouble, nowMs: number): Html {
  const which =
    runs.length === 1
      ? html`<a href="/runs/${runs[0]}">#${runs[0]}</a>`
      : html`${plural(runs.length, 'run')}, <a href="/runs/${runs[0]}">#${runs[0]}</a> to <a href="/runs/${runs.at(-1)}">#${runs.at(-1)}</a>`;
  const next = nextAt === null ? 'is being tried again' : html`tried again ${formatDue(nextAt, nowMs)}`;
  return html`<p class="notice bad"><strong>No progress</strong> of ${which}: failed ${plural(attempts, 'time')}${since !== null && html`, first ${formatMoment(since, nowMs)}`}, ${next}.<br>${withCode(error)}</p>`;
}
