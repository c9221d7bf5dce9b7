import type { IndexDefinition, Schedule } from '../definition.ts';
import type { DefinitionChange } from '../definitionChange.ts';
import { isShardLane, type Lane } from '../lane.ts';
import type { Reason } from '../reason.ts';
import { holdReason } from '../throttle/holdReason.ts';
import { resumeCommand } from '../throttle/resumeCommand.ts';
import { failedRunBackoffMs } from './backoff.ts';
import { nextTick } from './nextTick.ts';
import { stillOpen } from './stillOpen.ts';

/** What the ledger knows when a tick is decided. Times are ms since 1970, by the ledger's clock. */
export interface TickState {
  readonly now: number;
  readonly openRun: { readonly run: number } | null;
  readonly holds: readonly {
    readonly reason: string;
    /** null: every index, every lane. */
    readonly index: string | null;
    readonly lane: string | null;
    readonly note: string | null;
  }[];
  /** What is said of the source where it is another database than the index was built from (rule 16); null: it is not. */
  readonly sourceReplaced: string | null;
  /** The live generation; null: there is none. */
  readonly live: {
    readonly shards: number;
    /** Its definition is the index's newest. */
    readonly current: boolean;
    /** What of the definition changed since, and what that needs; left out where it is current. */
    readonly change?: Pick<DefinitionChange, 'needs' | 'because'>;
    /** A generation of the newest definition was live, and somebody went back from it. */
    readonly wentBack?: boolean;
  } | null;
  readonly lastIndexedAt: number | null;
  readonly consecutiveFailures: number;
  readonly lastFailedAt: number | null;
}

export interface TickQuestion {
  readonly index: IndexDefinition;
  readonly lane: Lane;
  /** -1: the whole index. */
  readonly shard: number;
  readonly state: TickState;
  /**
   * `start`: the rule for an index without anything fresh, asked at a scheduler's start and by its sweeps. `owed`:
   * something made a refresh necessary (rule 9).
   */
  readonly trigger: 'schedule' | 'start' | 'manual' | 'owed';
  /** The time for which the tick fired; null where there is none. */
  readonly slotMs: number | null;
  /** The generation that owes the refresh, or is to be promoted, where it is not the live one. Default null. */
  readonly generation?: number | null;
}

export type TickAnswer =
  | { readonly kind: 'start' }
  | { readonly kind: 'skip'; readonly reason: Reason; readonly detail: string };

/** What a tick leads to: a run, or the first reason against one. */
export function decideTick(question: TickQuestion): TickAnswer {
  const { state, trigger, lane } = question;
  // One of a named generation looks itself which source that was built from.
  const holds = state.holds.filter(({ reason }) => reason !== 'source-replaced' || question.generation == null);
  const replaced = holds.some(({ reason }) => reason === 'source-replaced');
  // A swap would do what the holds keep the other lanes from: only a person can mean it.
  if (replaced || (state.sourceReplaced !== null && lane === 'rebuild' && trigger !== 'manual'))
    return skip(
      'source-replaced',
      `${state.sourceReplaced ?? 'It is held'}. Rebuild by hand if this is meant; otherwise correct the url, and \`reindeer resume ${question.index.name}\`.`,
    );
  const [hold] = holds;
  if (hold !== undefined) {
    const note = hold.note === null ? '' : ` (${hold.note})`;
    return skip(holdReason(hold), `On hold: ${hold.reason}${note}. Released by \`${resumeCommand(hold)}\`.`);
  }
  if (state.openRun !== null) return skip('overlap', stillOpen(state.openRun.run));
  const impossible = withoutGround(question);
  if (impossible !== null) return impossible;
  // A person who asks is not told that it is fresh, or to wait.
  if (trigger === 'manual') return { kind: 'start' };
  return staleTick(question) ?? backingOff(question) ?? fresh(question) ?? { kind: 'start' };
}

/** A refresh or verify needs a live generation that has the shard, made by the definition the worker has. */
function withoutGround({ index, lane, shard, state, trigger, generation }: TickQuestion): TickAnswer | null {
  if (lane === 'incremental' && index.incremental === null)
    return skip(
      'not-in-configuration',
      'The index has no feed: set `source.changes`, or `incremental` for requested keys.',
    );
  if (!isShardLane(lane) || generation != null) return null;
  if (state.live === null)
    return skip('no-generation', 'Nothing is live yet: run a rebuild first, or wait for the one that is under way.');
  if (shard >= state.live.shards)
    return skip(
      'no-shard',
      `The live generation has ${state.live.shards} ${state.live.shards === 1 ? 'shard' : 'shards'}, counted from 0.`,
    );
  // What is owed to an older generation, rolled back to say, is written by the newest definition (rule 12).
  if (state.live.current || trigger === 'owed') return null;
  const { needs = 'rebuild', because = [] } = state.live.change ?? {};
  const changed = because.length === 0 ? '' : ` (${because.join(', ')} changed)`;
  if (needs === 'rebuild')
    return skip(
      'definition-mismatch',
      `The live generation was made by another definition of this index${changed}: run a rebuild, which makes one by the newest.`,
    );
  // A person who asks for a refresh applies the definition in place.
  if (lane === 'refresh' && trigger === 'manual') return null;
  return skip(
    'definition-mismatch',
    `The live generation was made by another definition of this index${changed}: \`reindeer run ${index.name} refresh\` applies the newest in place, and a rebuild makes a new generation by it.`,
  );
}

/** When a lane fires by itself; null: it does not. */
export function scheduleOf(index: IndexDefinition, lane: Lane): Schedule | null {
  switch (lane) {
    case 'rebuild':
    case 'refresh':
    case 'verify':
      return index[lane].schedule;
    case 'incremental':
    case 'promote':
      return null;
  }
}

/** Stale is a tick whose successor has fired by now. Until then it is the last word, however late it comes. */
function staleTick({ index, lane, slotMs, state, trigger }: TickQuestion): TickAnswer | null {
  const schedule = scheduleOf(index, lane);
  if (trigger !== 'schedule' || slotMs === null || schedule === null) return null;
  // An interval's successor lies one interval on, wherever in its period it fires.
  const successor = schedule.kind === 'every' ? slotMs + schedule.everyMs : nextTick(schedule, slotMs);
  if (successor >= state.now) return null;
  const [ageS, successorS] = [state.now - slotMs, state.now - successor].map((ms) => Math.round(ms / 1000));
  return skip('stale-tick', `The tick is ${ageS} s old, and a newer one fired ${successorS} s ago; that one counts.`);
}

const FEED_BACKOFF_MS = 60_000;

function backingOff({ lane, state }: TickQuestion): TickAnswer | null {
  if (state.consecutiveFailures === 0 || state.lastFailedAt === null) return null;
  const backoffMs = failedRunBackoffMs(state.consecutiveFailures);
  // An index without its feed gets older by the minute.
  const waitMs =
    state.lastFailedAt + (lane === 'incremental' ? Math.min(backoffMs, FEED_BACKOFF_MS) : backoffMs) - state.now;
  if (waitMs <= 0) return null;
  return skip(
    'backing-off',
    `${state.consecutiveFailures} failed in a row; the next may start in ${Math.ceil(waitMs / 1000)} s.`,
  );
}

function fresh({ index, lane, state, trigger }: TickQuestion): TickAnswer | null {
  const { freshForMs, onDefinitionChange } = index.rebuild;
  if (lane !== 'rebuild' || state.live === null) return null;
  const { current, wentBack = false } = state.live;
  // One that somebody went back from is not made again by itself.
  if (!current && !wentBack && (trigger === 'schedule' || onDefinitionChange === 'rebuild')) return null;
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
