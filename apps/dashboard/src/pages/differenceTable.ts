import { formatCount, type RunView } from '@reindeer/core';
import type { DifferenceRow } from '@reindeer/ledger';
import { type Html, html } from './html.ts';

/** What a refresh or verify found, with examples. */
export function differenceTable(run: RunView, examples: readonly DifferenceRow[]): Html {
  const { missing, extra, stale } = run.differences;
  const kinds = { missing, extra, stale };
  return html`<dl class="facts small">${Object.entries(kinds).map(
    ([kind, count]) =>
      html`<div><dt>${kind}</dt><dd class="${count > 0 && run.lane === 'verify' ? 'bad' : ''}">${formatCount(count)}</dd></div>`,
  )}</dl>
${
  examples.length > 0 &&
  html`<div class="scroll"><table>
<thead><tr><th>Example</th><th>Document</th><th>How</th></tr></thead>
<tbody>${examples.map(
    ({ kind, document, detail }) => html`<tr><td>${kind}</td><td><code>${document}</code></td><td>${detail}</td></tr>`,
  )}</tbody></table></div>`
}`;
}
