import { type RunState, type RunView, stateWord } from '@reindeer/core';
import type { Colors } from '../terminal/terminal.ts';

/** What a run does, or how it ended, in the colour of its state. */
export function runStateText(run: Pick<RunView, 'lane' | 'state'>, colors: Colors): string {
  return colorOf(run.state, colors)(stateWord(run));
}

/** A state of a slice or a generation in the colour of what it means. */
export function stateText(state: string, colors: Colors): string {
  return colorOf(state, colors)(state);
}

/** Done, failed, waiting for somebody, under way. */
function colorOf(state: RunState | string, colors: Colors): (text: string) => string {
  switch (state) {
    case 'completed':
    case 'live':
      return colors.green;
    case 'failed':
      return colors.red;
    case 'paused':
    case 'pausing':
    case 'cancelled':
    case 'cancelling':
      return colors.yellow;
    case 'queued':
      return (text) => text;
    default:
      return colors.cyan;
  }
}
