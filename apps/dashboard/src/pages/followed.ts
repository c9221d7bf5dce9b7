import { formatCount, formatDuration } from '@reindeer/core';
import type { IndexView } from '../api/indexView.ts';
import { type Html, html } from './html.ts';
import { plural } from './plural.ts';
import { withCode } from './withCode.ts';

/** Keys that wait are counted up to here. */
const MANY_KEYS = 100_000;
/** Fewer are what passes by while the feed does its work. */
const WORTH_SAYING = 1_000;

/** How changes reach the index, in a few words. */
export function followed({ changes, feed, lagSeconds }: IndexView): Html | string {
  if (feed === null) return html`not followed <small>a refresh or rebuild finds them</small>`;
  if (feed.state === 'stands') return html`<span class="bad">the feed stands</span>`;
  if (feed.state === 'begins') return html`the feed begins <small>${feed.detail}</small>`;
  const lag = html`<a href="/runs/${feed.run}">${formatDuration((lagSeconds ?? 0) * 1_000)} behind</a>`;
  switch (changes) {
    case 'log':
      return lag;
    case 'modified-column':
      return html`${lag} <small>deletes are found by refresh</small>`;
    case 'none':
      return html`requested keys, ${lag} <small>others by refresh or rebuild</small>`;
  }
}

/** What somebody should know of it, before all figures. */
export function followNotices(index: IndexView): Html {
  const { feed } = index;
  const waiting = feed?.requestedKeys ?? 0;
  const lately = index.refusedLately;
  return html`${feed?.state === 'stands' && html`<p class="notice bad"><strong>The feed stands.</strong> ${withCode(feed.detail ?? '')}${feed.run !== null && html` <a href="/runs/${feed.run}">Run #${feed.run}</a>`}</p>`}
${(waiting >= WORTH_SAYING || (waiting > 0 && feed?.state === 'stands')) && html`<p class="notice wait"><strong>${waiting >= MANY_KEYS && `${formatCount(MANY_KEYS)} or more requested keys`}${waiting < MANY_KEYS && plural(waiting, 'requested key')}</strong> wait to be indexed.</p>`}
${lately !== null && html`<p class="notice wait"><strong>${plural(lately.documents, 'document')} refused</strong> within the last hour: unless mended since, what is found of them is older, or nothing. <a href="/runs/${lately.run}">Run #${lately.run}</a> says why.</p>`}
${refused(index).map(
  ({ name, refusedReason, run }) =>
    html`<p class="notice wait"><strong>${name} is built and was refused</strong> (${refusedReason ?? 'error'}): <a href="/runs/${run}">run #${run}</a> says why.</p>`,
)}`;
}

/** Generations that were built to their end and then refused: a person may promote them. */
export function refused({ generations }: IndexView): IndexView['generations'] {
  return generations.filter(({ state, settledAt }) => state === 'failed' && settledAt !== null);
}
