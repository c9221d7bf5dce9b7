import type { Lane } from '../lane.ts';

/** A reason why something does not run, and what it is set on. null: all of them. */
export interface Hold {
  readonly index: string | null;
  readonly lane: Lane | null;
  readonly run: number | null;
  readonly reason: string;
}

/** What is asked about: a run, or (run null) whether a lane may start one. */
export interface HoldSubject {
  readonly index: string;
  readonly lane: Lane;
  readonly run: number | null;
}

/**
 * The holds that keep a run or a lane from working, in the order given. Pausing is a set of reasons: work goes on when
 * this is empty, and not before. A hold on one run does not keep its lane from starting another.
 */
export function applyingHolds<H extends Hold>(holds: readonly H[], subject: HoldSubject): readonly H[] {
  return holds.filter(
    (hold) =>
      (hold.index === null || hold.index === subject.index) &&
      (hold.lane === null || hold.lane === subject.lane) &&
      (hold.run === null || hold.run === subject.run),
  );
}

/** Reasons that a person sets: by `reindeer pause`, in the console, or by pausing the queue in Bull Board. */
const BY_A_PERSON: ReadonlySet<string> = new Set(['paused', 'queue-paused']);

/** How a refusal names a hold: `paused` when a person set it, else `held`, by a throttle or a guard. */
export function holdReason(hold: Pick<Hold, 'reason'>): 'paused' | 'held' {
  return BY_A_PERSON.has(hold.reason) ? 'paused' : 'held';
}
