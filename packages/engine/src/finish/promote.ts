import type { IndexDefinition } from '@reindeer/core';
import { type ClaimedTask, recordPromotion, supersedeInPlaceRuns } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { dropGenerations } from './dropGenerations.ts';
import { swap } from './swap.ts';

/** The last steps of every promotion, when its intent is recorded: the swap, its record, and what may go now. */
export async function promote(
  context: EngineContext,
  index: OpenIndex,
  finish: ClaimedTask,
  promotion: { readonly id: number; readonly name: string; readonly caughtUp: boolean; readonly owed: string | null },
  keepGenerations: number,
  signal: AbortSignal,
): Promise<void> {
  const generation = { index: finish.index, name: promotion.name };
  const live = await swap(context, index, finish, generation, signal);
  const documents = await index.sink.count(generation, signal);
  await recordPromotion(context.ledger, finish, {
    generation: promotion.id,
    epoch: live.epoch,
    documents,
    caughtUp: promotion.caughtUp,
    owed: promotion.owed,
    soakMs: index.definition.rebuild.soakMs,
  });
  const { run, lane } = finish;
  context.observer.event('info', 'promoted', {
    run,
    lane,
    index: finish.index,
    generation: generation.name,
    documents,
  });
  await supersedeInPlaceRuns(context.ledger);
  // What may go now goes now; what fails here the scheduler's sweep tries again.
  await dropGenerations(context, index, keepGenerations, signal).catch((error: unknown) =>
    context.observer.event('warn', 'old generations were not dropped yet', { index: finish.index, error }),
  );
}

/** What a promotion leaves owed, whatever the feed has done: what it cannot see (rules 8, 10). */
export function owedAfter({ source }: IndexDefinition): string | null {
  switch (source.changes) {
    case 'log':
      return null;
    case 'modified-column':
      return 'deletes-not-followed';
    case 'none':
      return 'changes-not-followed';
  }
}
