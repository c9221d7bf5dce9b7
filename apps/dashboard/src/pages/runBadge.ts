import { type RunState, type RunView, stateWord } from '@reindeer/core';
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

/** What a run does as a word with a colour; the word alone says it all. One that waits does so for something. */
export function runBadge(run: Pick<RunView, 'lane' | 'state' | 'waitsFor'>): Html {
  if (run.waitsFor !== null) return badge(stateWord(run), 'wait');
  const follows = run.lane === 'incremental' && (run.state === 'building' || run.state === 'planning');
  return badge(stateWord(run), follows ? 'good' : TONES[run.state]);
}

export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`;
}
