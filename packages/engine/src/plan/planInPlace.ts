import { InputError, type KeyRange, RefusedError, type Shard, shardRanges, WHOLE_INDEX } from '@reindeer/core';
import {
  addSlices,
  type ClaimedTask,
  completePlan,
  type DueTask,
  type GenerationRow,
  isPromoting,
  lastPlannedSlice,
  type PlannedSlice,
  quietInMs,
  setExpected,
  workInPlace,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { bringUp } from '../identity/compareLedger.ts';
import { requireOrderedBounds } from '../identity/requireOrderedBounds.ts';
import { requireReached } from '../identity/requireReached.ts';
import { requireSameSource } from '../identity/requireSameSource.ts';
import { digestSlices } from './digestSlices.ts';

const PROMOTING_MS = 500;

export type InPlacePlan =
  | { readonly kind: 'planned'; readonly finish: DueTask | null }
  /**
   * A write of an owner that lost its claim may still arrive: nothing is listed before that (rule 9). Or a promotion is
   * just being made.
   */
  | { readonly kind: 'later'; readonly delayMs: number };

/**
 * Plans a refresh or verify of the live generation: for each shard one slice that compares digests first. Where these
 * cannot tell (a range of keys, all rows by force, bodies) one that goes through the rows, and one that goes through what
 * the sink lists.
 * @param requestTimeoutMs how long a request to the sink may be under way
 */
export async function planInPlace(
  context: EngineContext,
  index: OpenIndex,
  plan: ClaimedTask,
  requestTimeoutMs: number,
  signal: AbortSignal,
): Promise<InPlacePlan> {
  const { ledger } = context;
  const generation = await workInPlace(ledger, plan);
  const live = await index.sink.live(plan.index, signal);
  const moved = plan.options.generation === null && live?.generation.name !== generation.name;
  // Between a swap and its record: which of the two this is about is known in a moment.
  if (moved && (await isPromoting(ledger, plan.index, generation.id))) return { kind: 'later', delayMs: PROMOTING_MS };
  if (moved) {
    await bringUp(context, index, plan, signal);
    throw new RefusedError(
      'sink-moved',
      `${live?.generation.name ?? 'Nothing'} is live in the sink, but the ledger knows ${generation.name}. Somebody moved it: ${live === null ? `put it back, or run a rebuild: \`reindeer run ${plan.index}\`` : 'put it back'}.`,
    );
  }
  await requireSameSource(context, index, generation, signal);
  await requireReached(context, index, generation, signal);
  const delayMs = plan.lane === 'refresh' ? await quietInMs(ledger, plan.run, requestTimeoutMs) : 0;
  if (delayMs > 0) return { kind: 'later', delayMs };
  const shards = shardRanges(generation.shardBounds);
  const described = await index.source.describe(signal);
  // By the types that it has just been described with.
  await requireOrderedBounds(index, generation, signal);
  const ranges = await touched(index, plan, shards, signal);
  const whole = shards.length === 1 && plan.options.range === null;
  const estimate = Math.ceil((described.rows * ranges.length) / shards.length);
  await setExpected(ledger, plan.run, { documents: estimate, exact: whole && described.rowsExact });
  const perShard = Math.ceil(described.rows / shards.length);
  // All slices are written in one transaction: a planner that takes over finds all of them, or none.
  if ((await lastPlannedSlice(ledger, plan.run)) === null)
    await context.deliver(await addSlices(ledger, plan, slicesOf(plan, generation, ranges, perShard)));
  return { kind: 'planned', finish: await completePlan(ledger, plan) };
}

/** Of each shard that the run touches the keys that it is about. */
async function touched(
  index: OpenIndex,
  plan: ClaimedTask,
  shards: readonly Shard[],
  signal: AbortSignal,
): Promise<readonly (KeyRange & { shard: number })[]> {
  const { range } = plan.options;
  // The plan task's own row says nothing of a shard: the run's options and places do.
  const wanted = plan.runShard === WHOLE_INDEX ? shards : shards.filter(({ shard }) => shard === plan.runShard);
  if (range === null) return wanted;
  const found: (KeyRange & { shard: number })[] = [];
  for (const shard of wanted) {
    const part = await index.source.intersect(range, shard, signal);
    if (part !== null) found.push({ ...part, shard: shard.shard });
  }
  // The shards are all keys together: a range that meets none of them ends where it begins, or before.
  if (found.length === 0)
    throw new InputError(
      'bad-range',
      `No key lies after ${JSON.stringify(range.after)} and up to ${JSON.stringify(range.upTo)}, in the order of the source. Exchange the two, or give others.`,
    );
  return found;
}

function slicesOf(
  { options }: ClaimedTask,
  generation: GenerationRow,
  ranges: readonly (KeyRange & { shard: number })[],
  estimate: number,
): readonly PlannedSlice[] {
  // Of one that was adopted nobody knows which shards its documents are stamped with.
  const ofShards = generation.run !== 0 || generation.shardBounds.length === 0;
  if (ofShards && options.range === null && !options.force && !options.deep) return digestSlices(ranges, estimate);
  return ranges.flatMap(({ shard, after, upTo }, at) => [
    { number: 2 * at + 1, shard, work: 'rows' as const, after, upTo, estimate },
    { number: 2 * at + 2, shard, work: 'ids' as const, after, upTo, estimate: 0 },
  ]);
}
