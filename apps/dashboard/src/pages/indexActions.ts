import type { IndexView } from '../api/indexView.ts';
import { noteInput, openAction } from './action.ts';
import { type Html, html } from './html.ts';
import { promotionActions } from './promotionActions.ts';

const DOES = {
  rebuild: 'Builds a new generation and swaps it in.',
  refresh: 'Compares what is live with the source and repairs it.',
  verify: 'The same comparison, and only reports.',
} as const;

/** What an operator may do with an index. */
export function indexActions(view: IndexView, shards: number): Html {
  const { index, holds } = view;
  const to = `/indexes/${encodeURIComponent(index)}`;
  const paused = holds.some((hold) => hold.run === null && hold.lane === null && hold.reason === 'paused');
  const inside = html`<fieldset><legend>Lane</legend>${Object.entries(DOES).map(
    ([lane, does], at) =>
      html`<label class="choice"><input type="radio" name="lane" value="${lane}"${at === 0 && html` checked`}> <span>${lane} <small>${does}</small></span></label>`,
  )}</fieldset>
${shards > 1 && html`<label>Shard <input name="shard" inputmode="numeric" pattern="[0-9]*" autocomplete="off" placeholder="all ${shards}"></label>`}
<label class="choice"><input type="checkbox" name="force" value="yes"> <span>write every row <small>a refresh only</small></span></label>`;
  return html`${openAction({ to: `${to}/run`, label: 'Start', summary: 'Run…', inside })}
${promotionActions(view)}
${!paused && openAction({ to: `${to}/pause`, label: 'Pause', summary: 'Pause…', inside: html`<p class="faint">Runs stop at their next checkpoint and keep what is done; ticks are skipped.</p>${noteInput('why, for those who find it paused')}` })}`;
}
