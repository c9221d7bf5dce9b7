import type { RunPhase } from './phase.ts';
import type { RunStatus } from './status.ts';
import type { RunState } from './view.ts';

/** To users, a run's state is its phase while it runs, else its status. */
export function runState(status: RunStatus, phase: RunPhase): RunState {
  return status === 'running' ? phase : status;
}
