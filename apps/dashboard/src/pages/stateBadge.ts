import type { RunState } from '@reindeer/core';
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

export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}
