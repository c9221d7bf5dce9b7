import type { RunPhase } from './phase.ts';
import type { RunStatus } from './status.ts';
import type { RunView } from './view.ts';

/** What a run has done so far, as sums over its slices. */
export interface RunProgressInput {
  readonly status: RunStatus;
  readonly phase: RunPhase;
  /** Documents read. */
  readonly read: number;
  /** Documents expected; null: not known yet. */
  readonly expected: number | null;
  readonly slices: number;
  readonly slicesCompleted: number;
  /** Since it started. */
  readonly elapsedMs: number;
}

/** Shown until the run has completed: an estimate that was too low must not look like the end. */
const NEARLY_DONE = 0.99;

/** Below this share the rate says too little for an estimate of what remains. */
const MIN_SHARE_FOR_ETA = 0.02;

/** Share done, time left and rate. The time left is null when it cannot be told: not begun, not running, no estimate. */
export function runProgress(input: RunProgressInput): Pick<RunView, 'progress' | 'etaMs' | 'documentsPerSecond'> {
  const documentsPerSecond = input.elapsedMs > 0 ? Math.round((input.read * 1000) / input.elapsedMs) : 0;
  if (input.status === 'completed') return { progress: 1, etaMs: 0, documentsPerSecond };
  const progress = Math.min(NEARLY_DONE, shareDone(input));
  const building = input.status === 'running' && input.phase === 'building';
  const known = building && progress >= MIN_SHARE_FOR_ETA && input.elapsedMs > 0;
  return {
    progress,
    etaMs: known ? Math.round((input.elapsedMs * (1 - progress)) / progress) : null,
    documentsPerSecond,
  };
}

function shareDone(input: RunProgressInput): number {
  if (input.expected !== null && input.expected > 0) return input.read / input.expected;
  return input.slices > 0 ? input.slicesCompleted / input.slices : 0;
}
