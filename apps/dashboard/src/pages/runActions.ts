import type { RunView } from '@reindeer/core';
import { action, noteInput, openAction } from './action.ts';
import { type Html, html } from './html.ts';

const CANCELS: Readonly<Record<RunView['lane'], string>> = {
  rebuild: 'What is live stays live; the generation under way is dropped.',
  refresh: 'What is done already stays.',
  verify: 'What is done already stays.',
  incremental: 'A scheduler starts the next feed at once. To keep it stopped, pause it instead.',
  promote: 'What is live stays live.',
};

/** What an operator may do with a run as it is now. */
export function runActions(run: RunView, heldItself: boolean): Html | null {
  const to = `/runs/${run.run}`;
  if (run.state === 'failed' && run.lane === 'incremental') return null;
  if (run.state === 'failed') return action({ to: `${to}/retry`, label: 'Retry what failed' });
  if (run.finishedAt !== null) return null;
  return html`${heldItself ? action({ to: `${to}/resume`, label: 'Resume' }) : openAction({ to: `${to}/pause`, label: 'Pause', summary: 'Pause…', inside: html`<p class="faint">It stops at its next checkpoints and keeps what is done.</p>${noteInput('why, for those who find it paused')}` })}
${openAction({
  to: `${to}/cancel`,
  label: 'Cancel the run',
  summary: 'Cancel…',
  tone: 'danger',
  inside: html`<p class="faint">${CANCELS[run.lane]}</p>
<label class="choice"><input type="checkbox" name="force" value="yes"> <span>at once <small>without waiting for checkpoints</small></span></label>`,
})}`;
}
