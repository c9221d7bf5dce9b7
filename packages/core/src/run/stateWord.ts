import type { Lane } from '../lane.ts';
import type { RunView } from './view.ts';

/** What goes on where no generation is built. A feed is never finished. */
const BUILDING: Partial<Record<Lane, string>> = {
  incremental: 'following',
  refresh: 'comparing',
  verify: 'comparing',
};

/** What people are told of a run's state; programs have the state itself. */
export function stateWord({ lane, state }: Pick<RunView, 'lane' | 'state'>): string {
  if (lane === 'incremental' && state === 'planning') return 'following';
  return (state === 'building' && BUILDING[lane]) || state.replace('_', ' ');
}
