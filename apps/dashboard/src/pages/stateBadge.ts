import type { RunState, RunView } from '@reindeer/core';
import { type Html, html } from './html.ts';

type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'calm';

const TONES: Readonly<Record<RunState, Tone>> = {
  queued: 'wait',
  running: 'busy',
  planning: 'busy',
  building: 'busy',
  catching_up: 'busy',
  verifying: 'busy',
  promoting: 'busy',
  soaking: 'busy',
  pausing: 'wait',
  paused: 'wait',
  cancelling: 'wait',
  cancelled: 'calm',
  failed: 'bad',
  completed: 'good',
};

/** A state as a word with a colour; the word alone says it all. */
export function stateBadge(state: RunState): Html {
  return badge(state.replace('_', ' '), TONES[state]);
}

/** The same of a run: a feed is in no phase that would ever end, and a run that waits does so for something. */
export function runBadge({ lane, state, waitsFor }: Pick<RunView, 'lane' | 'state' | 'waitsFor'>): Html {
  if (lane === 'incremental' && (state === 'building' || state === 'planning')) return badge('following', 'good');
  return waitsFor === null ? stateBadge(state) : badge(state.replace('_', ' '), 'wait');
}

export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}
