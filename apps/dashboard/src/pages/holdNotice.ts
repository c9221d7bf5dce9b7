import { resumeCommand } from '@reindeer/core';
import { type HoldView, QUEUE_PAUSED } from '@reindeer/ledger';
import { action } from './action.ts';
import { formatMoment } from './format.ts';
import { type Html, html } from './html.ts';

/** Who holds what, since when and why; with the button that releases it for whoever may, but what is on every index. */
export function holdNotice(hold: HoldView, index: string, canAct: boolean, nowMs: number): Html {
  return html`<div class="notice wait"><div class="line"><p><strong>${title(hold)}</strong> by ${hold.actor}, ${formatMoment(hold.createdAt, nowMs)}${hold.note !== null && html`: “${hold.note}”`}${hold.index === null && html`. It is on every index: <code>${resumeCommand(hold)}</code>`}</p>
${canAct && hold.index !== null && html`<div class="push">${release(hold, index)}</div>`}</div></div>`;
}

function title(hold: HoldView): string {
  const what =
    hold.run !== null ? `Run #${hold.run}` : (hold.lane ?? (hold.index === null ? 'Everything' : 'All of it'));
  const how =
    hold.reason === 'paused' ? 'is paused' : hold.reason === QUEUE_PAUSED ? 'is paused' : `is held (${hold.reason})`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)} ${how}`;
}

function release(hold: HoldView, index: string): Html {
  if (hold.run !== null) return action({ to: `/runs/${hold.run}/resume`, label: 'Resume' });
  return action({ to: `/indexes/${encodeURIComponent(index)}/resume`, label: 'Resume', fields: { lane: hold.lane } });
}
