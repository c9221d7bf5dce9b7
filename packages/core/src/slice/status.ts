/** The statuses of what a worker claims: planning a run, one of its slices, or finishing it. */
export const TASK_STATUSES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** What can happen to a task. */
export const TASK_EVENTS = [
  'claim',
  /** After a turn, a drain, a pause, or a failure that will be tried again. */
  'hand-back',
  /** The lease of its owner has ended. */
  'owner-died',
  'complete',
  /** For good; it ends the run. */
  'fail',
  /** The run is cancelled, or has ended by another task. */
  'cancel',
  /** A person retries the failed run. */
  'retry',
] as const;
export type TaskEvent = (typeof TASK_EVENTS)[number];

/** States × events, total: a new state or event does not compile until each pair is decided. null: not legal. */
const STATUS: Readonly<Record<TaskStatus, Readonly<Record<TaskEvent, TaskStatus | null>>>> = {
  queued: {
    claim: 'running',
    'hand-back': null, // Nobody owns it.
    'owner-died': null,
    complete: null, // Only an owner can (I3).
    fail: null,
    cancel: 'cancelled', // Nobody needs to be waited for.
    retry: null,
  },
  running: {
    claim: 'running', // By another, whose claim came before the sweep saw that the owner was dead.
    'hand-back': 'queued',
    'owner-died': 'queued', // Due at once, from its last checkpoint (I7).
    complete: 'completed',
    fail: 'failed',
    cancel: 'cancelled', // By force, or because the run ended: the claim is void.
    retry: null,
  },
  completed: {
    claim: null, // A job that was delivered twice, or replayed by hand (I1).
    'hand-back': null,
    'owner-died': null,
    complete: 'completed', // The last checkpoint is sent again, because its answer was lost (I3).
    fail: 'failed', // Its last batch spent the error budget: seen after the checkpoint that completed it.
    cancel: null, // What is done stays done.
    retry: null, // A retried run keeps it.
  },
  failed: {
    claim: null,
    'hand-back': null,
    'owner-died': null,
    complete: null,
    fail: null,
    cancel: null,
    retry: 'queued',
  },
  cancelled: {
    claim: null, // A job that the queue still had.
    'hand-back': null,
    'owner-died': null,
    complete: null,
    fail: null,
    cancel: null,
    retry: 'queued', // Another task failed the run, and took this one with it.
  },
};

/** The status after an event; null when the event is not legal in it, and nothing may change. */
export function transitionTask(status: TaskStatus, event: TaskEvent): TaskStatus | null {
  return STATUS[status][event];
}
