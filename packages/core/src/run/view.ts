import type { Lane } from '../lane.ts';
import type { Reason } from '../reason.ts';
import type { Differences, Tally } from '../tally.ts';
import type { RunPhase } from './phase.ts';
import type { RunStatus } from './status.ts';

/** What users see as a run's state: its phase while it runs, else its status. */
export type RunState = RunStatus | RunPhase;

/** What keeps a run that is otherwise ready to go on; it is asked again by itself. */
export interface Waiting {
  readonly reason: Reason;
  /** With figures, and with the remedy where somebody must do something. */
  readonly detail: string;
}

/** Who started a run by hand, and what they said to it. */
export interface Asked {
  readonly by: string;
  readonly note: string | null;
  /** A promotion passes its gates; a refresh writes every row. */
  readonly force: boolean;
}

/** A run as the CLI, the API and the console give it. The field names are a contract. */
export interface RunView {
  readonly run: number | null;
  readonly index: string;
  readonly lane: Lane;
  readonly shard: number | null;
  readonly state: RunState;
  readonly reason: string | null;
  /** The error behind a failed run, with its remedy; null otherwise. */
  readonly error: string | null;
  /** What it waits for, when it was last asked; null: nothing, it goes on or has ended. */
  readonly waitsFor: Waiting | null;
  readonly generation: string | null;
  readonly trigger: string;
  /** null: no person did. */
  readonly asked: Asked | null;
  readonly caughtUp: boolean;
  readonly documents: Tally & { readonly expected: number | null; readonly expectedExact: boolean };
  /** What a refresh or verify found; zeros elsewhere. */
  readonly differences: Differences;
  readonly slices: { readonly total: number; readonly completed: number; readonly failed: number };
  /** 0 to 1. */
  readonly progress: number;
  readonly etaMs: number | null;
  readonly elapsedMs: number;
  readonly documentsPerSecond: number;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}
