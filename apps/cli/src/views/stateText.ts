import type { RunState, RunView } from '@reindeer/core';
import type { Colors } from '../terminal/terminal.ts';

/** What people are told instead of the phase of a feed: it is never finished. */
export function stateOf({ lane, state }: Pick<RunView, 'lane' | 'state'>): string {
  return lane === 'incremental' && (state === 'building' || state === 'planning') ? 'following' : state;
}

/** A state in the colour of what it means: done, failed, waiting for somebody, under way. */
export function stateText(state: RunState | string, colors: Colors): string {
  switch (state) {
    case 'completed':
    case 'live':
      return colors.green(state);
    case 'failed':
      return colors.red(state);
    case 'paused':
    case 'pausing':
    case 'cancelled':
    case 'cancelling':
      return colors.yellow(state);
    case 'queued':
      return state;
    default:
      return colors.cyan(state.replace('_', ' '));
  }
}
