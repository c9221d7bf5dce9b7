import { formatCount, REASONS, type Reason } from '@reindeer/core';
import type { DecisionView } from '@reindeer/ledger';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';
import { badge } from './runBadge.ts';
import { withCode } from './withCode.ts';

/** What became of the last ticks. Shards that were answered alike are one line. */
export function lastDecisions(decisions: readonly DecisionView[], nowMs: number): Html {
  const alike = Map.groupBy(decisions, ({ lane, outcome, reason }) => `${lane} ${outcome} ${reason}`);
  const folded = [...alike.values()].sort((a, b) => (latest(a) < latest(b) ? 1 : -1));
  return html`<ul class="rows">${folded.map((those) => row(those, nowMs))}</ul>`;
}

function latest(decisions: readonly DecisionView[]): string {
  // ISO texts in UTC of one length: their order is that of time.
  return (
    decisions
      .map(({ decidedAt }) => decidedAt)
      .sort()
      .at(-1) ?? ''
  );
}

function row(those: readonly DecisionView[], nowMs: number): Html | false {
  const [first] = those;
  if (first === undefined) return false;
  const { lane, shard, outcome, reason } = first;
  const count = those.reduce((sum, one) => sum + one.count, 0);
  const runs = those.flatMap(({ run }) => run ?? []).sort((a, b) => b - a);
  const meaning = reason !== null && Object.hasOwn(REASONS, reason) ? REASONS[reason as Reason] : null;
  const which = those.length > 1 ? plural(those.length, 'shard') : shard === null ? '' : `shard ${shard}`;
  return html`<li>
<span>${lane}${which !== '' && html` <small>${which}</small>`}</span>
<span>${outcome === 'started' ? badge('started', 'good') : badge('skipped', 'calm')} ${runs.slice(0, 3).map((run) => html`<a href="/runs/${run}">#${run}</a> `)}${runs.length > 3 && '… '}${reason !== null && html`<span class="reason">${reason}</span> `}${meaning !== null && html`<span class="faint">${withCode(meaning)}</span>`}</span>
<span class="push faint">${count > 1 && html`${formatCount(count)} times, `}${formatMoment(latest(those), nowMs)}</span>
</li>`;
}
