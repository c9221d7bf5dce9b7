import { randomUUID } from 'node:crypto';
import {
  classify,
  type IndexDefinition,
  isShardLane,
  type Reason,
  RefusedError,
  taskTitle,
  UnavailableError,
} from '@reindeer/core';
import {
  type EngineContext,
  type FailureDecision,
  failOrRetry,
  finishInPlace,
  finishPromotion,
  finishRebuild,
  type OpenIndex,
  planFeed,
  planInPlace,
  planRun,
  runFeed,
  runSlice,
  untilRecorded,
  type WorkSettings,
} from '@reindeer/engine';
import {
  type ClaimedTask,
  claimTask,
  type DueTask,
  definitionNumber,
  failTask,
  handBack,
  readRun,
  supersedeInPlaceRuns,
} from '@reindeer/ledger';
import type { TaskHandlerContext, TaskRef, Verdict } from '@reindeer/queue';

import type { HeldClaims } from './HeldClaims.ts';

export interface TaskDesk {
  readonly context: EngineContext;
  readonly worker: string;
  readonly held: Pick<HeldClaims, 'during'>;
  readonly settings: WorkSettings;
  readonly keepGenerations: number;
  /** Aborted when this process is asked to drain: slices are handed back at their next checkpoint. */
  readonly draining: AbortSignal;
  /** Aborted when the drain is over, and the process ends whatever is still under way. */
  readonly ending: AbortSignal;
  open(index: string): Promise<OpenIndex>;
  /** Begins what a promotion makes necessary. It must not throw: what is not begun now the reconciler begins. */
  afterPromotion(index: IndexDefinition): Promise<void>;
  /** Shares this process's batches between indexes. */
  permit<T>(work: () => Promise<T>): Promise<T>;
}

/** How long a promotion that is not caught up yet waits until it is asked again. */
const ASK_AGAIN_MS = 500;
/** What a new generation is not compared without: a pass of the feed, and the refresh that it owes. */
const WAITED_FOR: ReadonlySet<Reason> = new Set(['not-caught-up', 'refresh-owed']);

/** Counted as no failure; whatever made a claim look lost must not make it come back at once, again and again. */
const GIVEN_UP_MS = 1_000;

/** The feed is never given up, and never waits long: what keeps it from going on may be mended at any time. */
const FEED_RETRY_MS = 15_000;

/** What a worker does with one delivered job: claim, work, and turn what came of it into a verdict for the queue. */
export async function workTask(desk: TaskDesk, ref: TaskRef, job: TaskHandlerContext): Promise<Verdict> {
  const token = randomUUID();
  return desk.held.during(token, () => claimAndWork(desk, ref, token, job));
}

async function claimAndWork(desk: TaskDesk, ref: TaskRef, token: string, job: TaskHandlerContext): Promise<Verdict> {
  const index = await desk.open(ref.index);
  const { ledger } = desk.context;
  // Until the outcome is known: a claim whose answer was lost would stay with this living process for ever.
  const claim = await untilRecorded(
    async () => {
      const definition = await definitionNumber(ledger, ref.index, index.definition.fingerprint);
      return claimTask(ledger, ref, { worker: desk.worker, definition, token });
    },
    { passes: (error) => classify(error) === 'unavailable', signal: desk.ending },
  );
  if (claim.kind === 'void') return { kind: 'done', result: { nothingToDo: claim.reason } };
  if (claim.kind === 'later') return { kind: 'again', delayMs: claim.delayMs };
  const { task } = claim;
  job.log(`claim ${task.claimNumber}: ${taskTitle(task)}`);
  try {
    return await work(desk, index, task, job);
  } catch (error) {
    return afterFailure(desk, task, job, error);
  }
}

async function work(desk: TaskDesk, index: OpenIndex, task: ClaimedTask, job: TaskHandlerContext): Promise<Verdict> {
  const { context } = desk;
  switch (task.kind) {
    case 'plan': {
      if (task.lane === 'incremental') {
        await planFeed(context, task);
        return { kind: 'done', result: { planned: true } };
      }
      if (isShardLane(task.lane)) return planShards(desk, index, task, job);
      const finish = await planRun(context, index, task, AbortSignal.any([job.signal, desk.draining]));
      await deliverFinish(desk, finish);
      return { kind: 'done', result: { planned: true } };
    }
    case 'finish': {
      if (isShardLane(task.lane)) {
        await finishInPlace(context, index, task);
        return { kind: 'done', result: { completed: task.run } };
      }
      const finish = task.lane === 'promote' ? finishPromotion : finishRebuild;
      const end = await finish(context, index, task, desk.keepGenerations, job.signal);
      if (end.kind === 'later') {
        job.log(`waits: ${end.detail}`);
        const waitsFor = { reason: end.reason, detail: end.detail };
        await recorded(desk, () => handBack(context.ledger, task, { delayMs: ASK_AGAIN_MS, failure: null, waitsFor }));
        return { kind: 'again', delayMs: ASK_AGAIN_MS };
      }
      if (end.kind === 'promoted') {
        await desk.afterPromotion(index.definition);
        return { kind: 'done', result: { promoted: task.generation?.name } };
      }
      await recorded(desk, () => failTask(context.ledger, task, { reason: end.reason, error: end.detail }));
      throw new RefusedError(end.reason, end.detail);
    }
    case 'slice': {
      const control = {
        lost: job.signal,
        draining: desk.draining,
        permit: desk.permit,
        progress: (value: { progress: number }) => job.progress(value),
      };
      const end =
        task.lane === 'incremental'
          ? await runFeed(context, index, task, desk.settings, control)
          : await runSlice(context, index, task, desk.settings, control);
      if (end.kind === 'completed') {
        await deliverFinish(desk, end.finish);
        return { kind: 'done', result: { documents: end.tally } };
      }
      const back = { delayMs: 0, failure: null, quiet: true };
      const status = await recorded(desk, () => handBack(context.ledger, task, back));
      job.log(`handed back: ${end.reason}`);
      // A run that was resumed meanwhile goes on with this very job: only what had stopped then was delivered again.
      const stopped = end.reason === 'paused' || end.reason === 'cancelled';
      if (stopped && status !== null && status !== 'running' && status !== 'queued')
        return { kind: 'done', result: { stopped: end.reason } };
      return { kind: 'again', delayMs: 0 };
    }
  }
}

async function planShards(
  desk: TaskDesk,
  index: OpenIndex,
  task: ClaimedTask,
  job: TaskHandlerContext,
): Promise<Verdict> {
  const { batchTimeoutMs } = desk.settings;
  const signal = AbortSignal.any([job.signal, desk.draining]);
  const plan = await planInPlace(desk.context, index, task, batchTimeoutMs, signal);
  if (plan.kind === 'planned') {
    await deliverFinish(desk, plan.finish);
    return { kind: 'done', result: { planned: true } };
  }
  const { delayMs } = plan;
  const detail = 'A write of an owner that was overtaken may still arrive, or a promotion is just being made.';
  job.log(`waits ${delayMs} ms: ${detail}`);
  const waitsFor = { reason: 'lost-claim', detail } as const;
  await recorded(desk, () => handBack(desk.context.ledger, task, { delayMs, failure: null, waitsFor }));
  return { kind: 'again', delayMs };
}

/** The work that led to it is recorded: if the queue does not take it now, that is no failure; the reconciler delivers it. */
async function deliverFinish(desk: TaskDesk, finish: DueTask | null): Promise<void> {
  if (finish === null) return;
  await desk.context
    .deliver([finish])
    .catch((error: unknown) =>
      desk.context.observer.event('warn', 'the queue did not take a task; it is delivered later', { error }),
    );
}

async function afterFailure(
  desk: TaskDesk,
  task: ClaimedTask,
  job: TaskHandlerContext,
  error: unknown,
): Promise<Verdict> {
  const { context } = desk;
  const fields = { run: task.run, task: `${task.kind} ${task.number}`, index: task.index, error };
  const interrupted = job.signal.aborted || desk.draining.aborted;
  if (!interrupted && error instanceof UnavailableError && WAITED_FOR.has(error.reason)) {
    // No failure, however long it takes.
    job.log(`waits: ${error.message}`);
    const waitsFor = { reason: error.reason, detail: error.message };
    await recorded(desk, () => handBack(context.ledger, task, { delayMs: ASK_AGAIN_MS, failure: null, waitsFor }));
    return { kind: 'again', delayMs: ASK_AGAIN_MS };
  }
  const decided = failOrRetry(error, task, desk.settings.maxAttempts, { interrupted });
  const decision = task.lane === 'incremental' ? keepTrying(decided) : decided;
  switch (decision.kind) {
    case 'stop': {
      context.observer.event('info', `stopped: ${decision.reason}`, fields);
      await recorded(desk, () => handBack(context.ledger, task, { delayMs: 0, failure: null }));
      return { kind: 'again', delayMs: 0 };
    }
    case 'lost': {
      // One that only looked lost would stay with this living process for ever; of any other this changes nothing.
      const back = { delayMs: GIVEN_UP_MS, failure: null };
      const status = await recorded(desk, () => handBack(context.ledger, task, back));
      context.observer.event('info', status === null ? 'the claim was lost' : 'the claim was given up', fields);
      if (status !== null) return { kind: 'again', delayMs: GIVEN_UP_MS };
      return { kind: 'done', result: { nothingToDo: 'lost-claim' satisfies Reason } };
    }
    case 'retry': {
      context.observer.event('warn', `failed, will be tried again in ${decision.delayMs} ms`, fields);
      job.log(`failed: ${decision.message}`);
      await recorded(desk, () =>
        handBack(context.ledger, task, { delayMs: decision.delayMs, failure: { error: decision.message } }),
      );
      return { kind: 'again', delayMs: decision.delayMs };
    }
    case 'fail':
      if (decision.reason === 'generation-gone' && (await endSuperseded(desk, task)))
        return { kind: 'done', result: { stopped: 'superseded' satisfies Reason } };
      context.observer.event('error', 'failed for good', { ...fields, reason: decision.reason });
      await recorded(desk, () => failTask(context.ledger, task, { reason: decision.reason, error: decision.message }));
      throw error;
  }
}

/** Ends a run in place on what was dropped for its age meanwhile: nobody's failure. @returns whether it is one */
async function endSuperseded(desk: TaskDesk, task: ClaimedTask): Promise<boolean> {
  const { ledger } = desk.context;
  await recorded(desk, () => supersedeInPlaceRuns(ledger));
  const run = await recorded(desk, () => readRun(ledger, task.run));
  if (run?.state !== 'cancelling') return false;
  await recorded(desk, () => handBack(ledger, task, { delayMs: 0, failure: null }));
  return true;
}

function keepTrying(decision: FailureDecision): FailureDecision {
  if (decision.kind === 'fail') return { kind: 'retry', delayMs: FEED_RETRY_MS, message: decision.message };
  return decision.kind === 'retry' ? { ...decision, delayMs: Math.min(decision.delayMs, FEED_RETRY_MS) } : decision;
}

/** Records the end of a task, however long the ledger is away: nobody else may take it while this process lives. */
function recorded<T>(desk: TaskDesk, send: () => Promise<T>): Promise<T> {
  return untilRecorded(send, {
    passes: (error) => {
      desk.context.observer.event('error', 'the ledger did not take the end of a task; tried again', { error });
      return true;
    },
    signal: desk.ending,
  });
}
