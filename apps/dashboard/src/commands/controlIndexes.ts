import type { Lane } from '@reindeer/core';
import { pause, resume, resumeTicks } from '@reindeer/engine';
import { QUEUE_PAUSED, readActiveHolds } from '@reindeer/ledger';
import type { CommandContext } from './commandContext.ts';
import type { By } from './controlRuns.ts';
import { findDefinition } from './findDefinition.ts';

export interface IndexScope {
  readonly index: string;
  /** null: every lane. */
  readonly lane: Lane | null;
}

/**
 * Holds an index, or a lane of it: open runs stop at their next checkpoints, ticks are skipped.
 * @throws NotFound.
 */
export async function pauseIndex(context: CommandContext, scope: IndexScope, by: By): Promise<void> {
  findDefinition(context.config, scope.index);
  await pause(context, { ...scope, run: null }, by);
  log(context, 'pause', scope, by);
}

/**
 * Releases the holds of exactly this scope, and resumes the index's queues where they were paused in Bull Board.
 * @throws NotFound.
 */
export async function resumeIndex(context: CommandContext, scope: IndexScope, by: By): Promise<void> {
  findDefinition(context.config, scope.index);
  await resume({ ...context, resumeQueues: (index) => resumeQueues(context, index) }, { ...scope, run: null }, by);
  log(context, 'resume', scope, by);
}

/** Lets schedules fire again after "pause all" in Bull Board. */
export async function resumeAllTicks(context: CommandContext, by: By): Promise<void> {
  await resumeTicks(context, by);
  context.logger.info({ name: by.actor, action: 'resume', target: 'the queue of ticks' }, 'acted');
}

/** The queue is asked only where a hold says so: it may be away. */
async function resumeQueues({ ledger, queue }: CommandContext, index: string): Promise<void> {
  const holds = await readActiveHolds(ledger);
  if (!holds.some((hold) => hold.reason === QUEUE_PAUSED && hold.index === index)) return;
  for (const paused of await queue.pausedQueues([index])) await queue.resume(index, paused.queue);
}

function log({ logger }: CommandContext, action: string, { index, lane }: IndexScope, by: By): void {
  const target = lane === null ? index : `${index} ${lane}`;
  logger.info({ name: by.actor, action, target, note: by.note }, 'acted');
}
