import { randomBytes } from 'node:crypto';
import {
  decideTick,
  type IndexDefinition,
  isShardLane,
  type Lane,
  placeOf,
  type Reason,
  type RunOptions,
  stillOpen,
  WHOLE_INDEX,
} from '@reindeer/core';
import {
  applyInPlace,
  definitionNumber,
  openRun,
  readScheduleState,
  recordAudit,
  recordDecision,
  type ScheduleState,
} from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

export interface RunAsked {
  readonly index: IndexDefinition;
  readonly lane: Lane;
  /** -1: the whole index, or a key range of it. */
  readonly shard: number;
  readonly trigger: 'schedule' | 'start' | 'manual' | 'owed';
  /** Who asked: a person's name, or the app. */
  readonly actor: string;
  /** The tick's time in ms; null where there was none. */
  readonly slot: number | null;
  readonly options: RunOptions;
  /** A random text of the request that asks; by it the run is found when whoever asked died before the answer. */
  readonly request?: string;
  /** What the audit calls it. Default: that a run of this lane was asked for. */
  readonly audit?: { readonly action: string; readonly target: string };
}

export type RunAnswer =
  | { readonly kind: 'started'; readonly run: number }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string; readonly run: number | null };

/**
 * Decides whether a run starts now, and starts it: the run and its plan task are written in one transaction, then the
 * task is delivered. Safe to repeat: the slot and the open run are unique in the ledger (I5).
 */
export async function requestRun(context: Omit<EngineContext, 'observer'>, asked: RunAsked): Promise<RunAnswer> {
  const { index, lane, shard } = asked;
  const answer = await decide(context, asked);
  // What a person asked for is answered to that person; a start rule that does not start says nothing new; what is owed
  // is owed until a run has done it.
  if (asked.trigger === 'schedule' || (asked.trigger === 'start' && answer.kind === 'started')) {
    await recordDecision(context.ledger, {
      index: index.name,
      lane,
      shard,
      outcome: answer.kind === 'started' ? 'started' : 'skipped',
      reason: answer.kind === 'started' ? null : answer.reason,
      run: answer.run,
      slot: asked.slot,
    });
  }
  if (asked.trigger === 'manual' && answer.kind === 'started') {
    const target = shard === WHOLE_INDEX ? `${index.name} ${lane}` : `${index.name} ${lane} shard ${shard}`;
    await recordAudit(context.ledger, {
      actor: asked.actor,
      ...(asked.audit ?? { action: 'run', target }),
      detail: { run: answer.run, ...asked.options },
    });
  }
  return answer;
}

async function decide(context: Omit<EngineContext, 'observer'>, asked: RunAsked): Promise<RunAnswer> {
  const { index, lane, shard } = asked;
  const definition = await definitionNumber(context.ledger, index.name, index.fingerprint);
  if (definition === null) {
    return {
      kind: 'refused',
      reason: 'definition-mismatch',
      run: null,
      detail: `No scheduler has applied this definition of ${index.name} yet. Start (or restart) \`reindeer scheduler\` with this configuration.`,
    };
  }
  const place = placeOf(lane, { apart: index.source.changes !== 'none', generation: asked.options.generation });
  const state = await readScheduleState(context.ledger, index.name, lane, shard, place);
  const decision = decideTick({
    index,
    lane,
    shard,
    state,
    trigger: asked.trigger,
    slotMs: asked.slot,
    generation: asked.options.generation,
  });
  if (decision.kind === 'skip') {
    return { kind: 'refused', reason: decision.reason, detail: decision.detail, run: state.openRun?.run ?? null };
  }
  // Of all keys of a shard: the other shards then owe a refresh, which is started as any other.
  if (lane === 'refresh' && asked.trigger === 'manual' && state.live?.current === false) {
    if (asked.options.range !== null)
      return {
        kind: 'refused',
        reason: 'definition-mismatch',
        run: null,
        detail:
          'The live generation was made by another definition: refresh all of it, or a shard, without a range of keys.',
      };
    await applyInPlace(context.ledger, index.name, definition);
  }
  const nonce = randomBytes(6).toString('hex');
  const opened = await openRun(context.ledger, {
    index: index.name,
    lane,
    shard,
    shards: shardsOf(asked, state),
    place,
    definition,
    trigger: asked.trigger,
    actor: asked.actor,
    slot: asked.trigger === 'schedule' ? asked.slot : null,
    options: asked.options,
    request: asked.request ?? null,
    nonce,
  });
  switch (opened.kind) {
    case 'opened':
      // The run is there; if the queue does not take its first task now, the reconciler delivers it.
      await context
        .deliver([
          {
            run: opened.run,
            kind: lane === 'promote' ? 'finish' : 'plan',
            number: 0,
            index: index.name,
            lane,
            nonce,
            delivery: 1,
            delayMs: 0,
            slices: 0,
          },
        ])
        .catch(() => {});
      return { kind: 'started', run: opened.run };
    case 'duplicate':
      return { kind: 'started', run: opened.run };
    case 'overlap':
      return {
        kind: 'refused',
        reason: 'overlap',
        run: opened.run,
        detail: opened.run === null ? `A run of ${index.name} is still open.` : stillOpen(opened.run),
      };
    case 'definition-mismatch':
      return {
        kind: 'refused',
        reason: 'definition-mismatch',
        run: null,
        detail: `A scheduler has applied a newer definition of ${index.name}. Restart this process with the newer configuration, or make its own the newest: \`reindeer scheduler --apply-config\`.`,
      };
  }
}

/** A key range takes the place of every shard: which ones it touches, only the source could tell (I10). */
function shardsOf({ lane, shard }: RunAsked, state: ScheduleState): readonly number[] {
  if (!isShardLane(lane) || shard !== WHOLE_INDEX) return [shard];
  return Array.from({ length: state.live?.shards ?? 1 }, (_, at) => at);
}
