import type { RunPhase } from './phase.ts';
import type { RunStatus } from './status.ts';

/** What can happen to a run. */
export const RUN_EVENTS = [
  /** A worker claimed one of its tasks. */
  'claim',
  /** A hold was set. */
  'pause-asked',
  /** The last hold was released. */
  'resume-asked',
  'cancel-asked',
  /** None of its tasks runs any more. */
  'all-idle',
  /** A task failed for good, or the definition changed. */
  'task-failed',
  'retry-asked',
  /** Its finish task ended well. */
  'completed',
] as const;
export type RunEvent = (typeof RUN_EVENTS)[number];

type Row = Readonly<Record<RunEvent, RunStatus | null>>;

/** States × events, total: a new state or event does not compile until each pair is decided. null: not legal. */
const STATUS: Readonly<Record<RunStatus, Row>> = {
  queued: {
    claim: 'running', // A worker took its plan task.
    'pause-asked': 'pausing', // A hold came before a worker did; nothing runs, so paused follows at once.
    'resume-asked': null, // Nothing holds it.
    'cancel-asked': 'cancelling', // Cancelled follows at once.
    'all-idle': null, // Nothing runs because nothing has begun.
    'task-failed': 'failed', // The definition changed before anybody claimed it.
    'retry-asked': null,
    completed: null, // Only an owner can complete its finish task.
  },
  running: {
    claim: 'running', // The next task.
    'pause-asked': 'pausing', // A hold was set; owners see it at their next checkpoint.
    'resume-asked': null,
    'cancel-asked': 'cancelling', // Owners stop at their next checkpoint.
    'all-idle': null, // Between two tasks.
    'task-failed': 'failed', // One is enough: a generation with a gap is never promoted (I6).
    'retry-asked': null,
    completed: 'completed', // Its finish task ended well.
  },
  pausing: {
    claim: null, // A hold holds: no task begins.
    'pause-asked': 'pausing', // One more hold.
    'resume-asked': 'running', // Released before the last slice had stopped.
    'cancel-asked': 'cancelling', // A stop overtakes a pause.
    'all-idle': 'paused', // The last owner has handed back.
    'task-failed': 'failed', // A slice that was still running failed.
    'retry-asked': null,
    completed: 'completed', // The finish task does not stop half way.
  },
  paused: {
    claim: null, // A hold holds.
    'pause-asked': 'paused', // One more hold.
    'resume-asked': 'running', // The last hold is released.
    'cancel-asked': 'cancelling', // Cancelled follows at once.
    'all-idle': 'paused', // The sweep looked once more.
    'task-failed': 'failed', // The definition changed meanwhile.
    'retry-asked': null,
    completed: null,
  },
  cancelling: {
    claim: null, // No task begins any more.
    'pause-asked': 'cancelling', // A stop is not slowed down by a hold.
    'resume-asked': null, // A cancellation is not taken back.
    'cancel-asked': 'cancelling', // Asked again, or with force.
    'all-idle': 'cancelled', // The last owner has handed back.
    'task-failed': 'cancelled', // It was to end anyway, and by a person's wish.
    'retry-asked': null,
    completed: 'completed', // The swap was made before the request was seen.
  },
  cancelled: ended(null),
  failed: ended('queued'), // A person retries what failed of it; its places are taken again first (I5).
  completed: ended(null),
};

function ended(onRetry: RunStatus | null): Row {
  return {
    claim: null,
    'pause-asked': null,
    'resume-asked': null,
    'cancel-asked': null,
    'all-idle': null,
    'task-failed': null,
    'retry-asked': onRetry,
    completed: null,
  };
}

/** The status after an event; null when the event is not legal in it, and nothing may change. */
export function transitionStatus(status: RunStatus, event: RunEvent): RunStatus | null {
  return STATUS[status][event];
}

/** What moves a run on. */
export const PHASE_EVENTS = ['planned', 'built', 'caught-up', 'verified', 'promoted', 'soaked'] as const;
export type PhaseEvent = (typeof PHASE_EVENTS)[number];

/** Phases × events, total. Only the one event that ends a phase is legal in it; repeating an older one is null. */
const PHASE: Readonly<Record<RunPhase, Readonly<Record<PhaseEvent, RunPhase | null>>>> = {
  planning: only('planned', 'building'), // Its first slices are there; later ones may still be planned.
  building: only('built', 'catching_up'), // All slices are planned, and done.
  catching_up: only('caught-up', 'verifying'), // Settled, and the feed has passed (nothing to do where changes are not followed).
  verifying: only('verified', 'promoting'), // The evidence holds (I6).
  promoting: only('promoted', 'soaking'), // It is live.
  soaking: only('soaked', null), // The end: the run is completed.
};

function only(event: PhaseEvent, next: RunPhase | null): Readonly<Record<PhaseEvent, RunPhase | null>> {
  const row: Record<PhaseEvent, RunPhase | null> = {
    planned: null,
    built: null,
    'caught-up': null,
    verified: null,
    promoted: null,
    soaked: null,
  };
  row[event] = next;
  return row;
}

/** The phase after an event; null when the event is not legal in it, and nothing may change. */
export function transitionPhase(phase: RunPhase, event: PhaseEvent): RunPhase | null {
  return PHASE[phase][event];
}
