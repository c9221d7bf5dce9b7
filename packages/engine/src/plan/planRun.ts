import { contiguousRanges, type Key, planSliceCounts, type Shard, shardRanges, WHOLE_RANGE } from '@reindeer/core';
import {
  addSlices,
  type ClaimedTask,
  completePlan,
  type DueTask,
  freezeShards,
  type GenerationRow,
  type LastSlice,
  lastPlannedSlice,
  type PlannedSlice,
  readGenerations,
  setExpected,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { askCanaries } from '../evidence/askCanaries.ts';
import { requireSameSource } from '../identity/requireSameSource.ts';
import { ensureGeneration } from './ensureGeneration.ts';

const CHUNK = 32;

/**
 * Plans a rebuild: its generation, its shards' bounds, then its slices as a stream, so that the first ones run while
 * later ones are planned. A planner that takes over goes on after the last slice that is there.
 * @returns the finish task, when every slice was done before planning was.
 */
export async function planRun(
  context: EngineContext,
  index: OpenIndex,
  plan: ClaimedTask,
  signal: AbortSignal,
): Promise<DueTask | null> {
  const { ledger } = context;
  // A swap would do what the holds keep the other lanes from: only a person can mean it.
  const [live] = plan.byHand ? [] : await readGenerations(ledger, plan.index, ['live']);
  if (live !== undefined) await requireSameSource(context, index, live, signal);
  const described = await index.source.describe(signal);
  await setExpected(ledger, plan.run, { documents: described.rows, exact: described.rowsExact });
  const generation = await ensureGeneration(context, index, plan, described.identity.system, signal);
  // What they answer counts at the end; one that the sink cannot read ends the run before anything is built.
  await askCanaries(index, { index: plan.index, name: generation.name }, signal);
  const before = await lastPlannedSlice(ledger, plan.run);
  const shards = shardRanges(
    before === null ? await freezeBounds(context, index, generation, signal) : generation.shardBounds,
  );
  const pieces = planSliceCounts({ rows: described.rows, shards: shards.length, rebuild: index.definition.rebuild });
  const perSlice = Math.ceil(described.rows / Math.max(1, pieces * shards.length));
  let number = before?.number ?? 0;
  for (const shard of shards) {
    const after = whereToGoOn(shard, before);
    if (after === 'planned') continue;
    const left = before?.shard === shard.shard ? Math.max(1, pieces - before.inShard) : pieces;
    const range = { after, upTo: shard.upTo };
    const slices = contiguousRanges(range, index.source.boundaries(range, left, signal));
    let chunk: PlannedSlice[] = [];
    for await (const slice of slices) {
      number += 1;
      chunk.push({ number, shard: shard.shard, ...slice, estimate: perSlice });
      if (chunk.length < CHUNK) continue;
      await context.deliver(await addSlices(ledger, plan, chunk));
      chunk = [];
    }
    if (chunk.length > 0) await context.deliver(await addSlices(ledger, plan, chunk));
  }
  return completePlan(ledger, plan);
}

/** The key after which a shard's planning goes on; `planned` when its last slice is there. */
function whereToGoOn(shard: Shard, before: LastSlice | null): Key | null | 'planned' {
  if (before === null || before.shard < shard.shard) return shard.after;
  if (before.shard > shard.shard) return 'planned';
  return sameText(before.upTo, shard.upTo) ? 'planned' : before.upTo;
}

async function freezeBounds(
  context: EngineContext,
  index: OpenIndex,
  generation: GenerationRow,
  signal: AbortSignal,
): Promise<readonly Key[]> {
  const bounds: Key[] = [];
  if (index.definition.shards > 1) {
    for await (const bound of index.source.boundaries(WHOLE_RANGE, index.definition.shards, signal)) bounds.push(bound);
  }
  await freezeShards(context.ledger, generation.id, bounds);
  return bounds;
}

/** Key texts are only ever compared for being the very same text; their order is the source's (I10). */
function sameText(a: Key | null, b: Key | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
