import type { IndexDefinition } from '../definition.ts';
import type { Lane } from '../lane.ts';
import type { Reason } from '../reason.ts';
import { holdReason } from '../throttle/holdReason.ts';
import { failedRunBackoffMs } from './backoff.ts';
import { nextTick } from './nextTick.ts';

/** What the ledger knows when a tick is decided. Times are ms since 1970, by the ledger's clock. */
export interface TickState {
  readonly now: number;
  readonly openRun: { readonly run: number } | null;
  readonly holds: readonly { readonly reason: string; readonly note: string | null }[];
  /** Is there a live generation? */
  readonly live: boolean;
  readonly lastIndexedAt: number | null;
  readonly consecutiveFailures: number;
  readonly lastFailedAt: number | null;
}

export interface TickQuestion {
  readonly index: IndexDefinition;
  readonly lane: Lane;
  readonly state: TickState;
  /** `start`: the rule for an index without anything fresh, asked at a scheduler's start and by its sweeps. */
  readonly trigger: 'schedule' | 'start' | 'manual';
  /** The time for which the tick fired; null where there is none. */
  readonly slotMs: number | null;
}

export type TickAnswer =
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly reason: Reason; readonly detail: string };

/** What a tick leads to: a run, or the first reason against one. */
export function decideTick(question: TickQuestion): TickAnswer {
  const { state, trigger } = question;
  const [hold] = state.holds;
  if (hold !== undefined) {
    const note = hold.note === null ? '' : ` (${hold.note})`;
    return skip(holdReason(hold), `On hold: ${hold.reason}${note}.`);
  }
  if (state.openRun !== null) return skip('overlap', `Run ${state.openRun.run} is still open.`);
  // A person who asks is not told that it is fresh, or to wait.
  if (trigger === 'manual') return { kind: 'start' };
  return staleTick(question) ?? backingOff(state) ?? fresh(question) ?? { kind: 'start' };
}

/** Stale is a tick whose successor has fired by now. Until then it is the last word, however late it comes. */
function staleTick({ index, slotMs, state, trigger }: TickQuestion): TickAnswer | null {
  const { schedule } = index.rebuild;
  if (trigger !== 'schedule' || slotMs === null || schedule === null) return null;
  // An interval's successor lies one interval on, wherever in its period it fires.
  const successor = schedule.kind === 'every' ? slotMs + schedule.everyMs : nextTick(schedule, slotMs);
  if (successor >= state.now) return null;
  const [ageS, successorS] = [state.now - slotMs, state.now - successor].map((ms) => Math.round(ms / 1000));
  return skip('stale-tick', `The tick is ${ageS} s old, and a newer one fired ${successorS} s ago; that one counts.`);
}

function backingOff(state: TickState): TickAnswer | null {
  if (state.consecutiveFailures === 0 || state.lastFailedAt === null) return null;
  const waitMs = state.lastFailedAt + failedRunBackoffMs(state.consecutiveFailures) - state.now;
  if (waitMs <= 0) return null;
  return skip(
    'backing-off',
    `${state.consecutiveFailures} failed in a row; the next may start in ${Math.ceil(waitMs / 1000)} s.`,
  );
}

function fresh({ index, state, trigger }: TickQuestion): TickAnswer | null {
  const { freshForMs } = index.rebuild;
  if (!state.live) return null;
  if (freshForMs === null) {
    return trigger === 'start' ? skip('fresh', 'A generation is live, and no freshFor is set.') : null;
  }
  // Live, but when it was indexed is not known: the ledger was lost, and the generation adopted.
  if (state.lastIndexedAt === null) return null;
  const ageMs = state.now - state.lastIndexedAt;
  if (ageMs >= freshForMs) return null;
  return skip('fresh', `Indexed ${Math.round(ageMs / 1000)} s ago; fresh for ${Math.round(freshForMs / 1000)} s.`);
}

function skip(reason: Reason, detail: string): TickAnswer {
  return { kind: 'skip', reason, detail };
}
