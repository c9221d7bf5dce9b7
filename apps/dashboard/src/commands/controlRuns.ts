import { RefusedError, type RunView } from '@reindeer/core';
import { type ControlAnswer, cancelRun, pause, resume, retryRun } from '@reindeer/engine';
import type { CommandContext } from './commandContext.ts';
import { findRun } from './findRun.ts';

/** Who acts, and why. */
export interface By {
  readonly actor: string;
  readonly note: string | null;
}

/**
 * Stops a run; with `force` without waiting for those who work on it.
 * @throws NotFound; RefusedError when it has ended.
 */
export async function cancel(context: CommandContext, run: number, by: By, force: boolean): Promise<RunView> {
  await findRun(context.ledger, run);
  requireDone(await cancelRun(context, run, { ...by, force }));
  return acted(context, run, 'cancel', by);
}

/**
 * Runs again what failed of a failed run.
 * @throws NotFound; RefusedError where that is no longer right.
 */
export async function retry(context: CommandContext, run: number, by: By): Promise<RunView> {
  await findRun(context.ledger, run);
  requireDone(await retryRun(context, run, by));
  return acted(context, run, 'retry', by);
}

/**
 * Holds a run at its next checkpoints. A run that is held already stays so.
 * @throws NotFound; RefusedError when it has ended.
 */
export async function pauseRun(context: CommandContext, run: number, by: By): Promise<RunView> {
  const { index, lane, finishedAt, state } = await findRun(context.ledger, run);
  if (finishedAt !== null) {
    throw new RefusedError('no-changes', `Run ${run} has ended (${state}): there is nothing to pause.`);
  }
  await pause(context, { index, lane, run }, by);
  return acted(context, run, 'pause', by);
}

/**
 * Releases the holds on this very run; those on its index or lane stay.
 * @throws NotFound.
 */
export async function resumeRun(context: CommandContext, run: number, by: By): Promise<RunView> {
  const { index, lane } = await findRun(context.ledger, run);
  await resume({ ...context, resumeQueues: async () => {} }, { index, lane, run }, by);
  return acted(context, run, 'resume', by);
}

function requireDone(answer: ControlAnswer): void {
  if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
}

function acted({ ledger, logger }: CommandContext, run: number, action: string, by: By): Promise<RunView> {
  logger.info({ name: by.actor, action, target: `run ${run}`, note: by.note }, 'acted');
  return findRun(ledger, run);
}
