import { setTimeout as wait } from 'node:timers/promises';
import { decideDirective, type Pace, RefusedError, UnavailableError } from '@reindeer/core';
import { beginPass, type ClaimedTask } from '@reindeer/ledger';
import type { EngineContext, OpenIndex, WorkSettings } from '../context.ts';
import type { SliceEnd } from '../slice/runSlice.ts';
import { Watchdog } from '../slice/watchdog.ts';
import { Echo } from './Echo.ts';
import { FeedTotals } from './FeedTotals.ts';
import { giveUpGone } from './incarnations.ts';
import { renewLapsed } from './lapsed.ts';
import type { FeedControl, OwnedFeed } from './ownedFeed.ts';
import { Pass } from './Pass.ts';
import { SameSource } from './SameSource.ts';
import { putAside, withoutAside } from './targetFailure.ts';

/**
 * The feed: one run for each index, which never ends. Its owner makes pass after pass over what changed, and applies it to
 * every generation that is kept current (rule 3), until it is asked to stop or its turn is over.
 * @throws what the caller classifies; the pass that was under way is made again.
 */
export async function runFeed(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  settings: WorkSettings,
  control: FeedControl,
): Promise<Extract<SliceEnd, { kind: 'handed-back' }>> {
  const { incremental } = index.definition;
  if (incremental === null)
    throw new RefusedError('not-in-configuration', `Index ${index.definition.name} has no feed any more.`);
  const startedAt = performance.now();
  const abort = new AbortController();
  const watchdog = new Watchdog(settings.batchTimeoutMs, () =>
    abort.abort(
      new UnavailableError(
        'batch-timeout',
        `The feed of ${task.index} made no progress for ${settings.batchTimeoutMs} ms. Look at the sink's and the source's load, or raise worker.batchTimeout.`,
      ),
    ),
  );
  const feed: OwnedFeed = {
    context,
    index,
    task,
    settings,
    control,
    signal: AbortSignal.any([control.lost, abort.signal]),
    alive: () => watchdog.progress(),
    directive: (runStatus) =>
      decideDirective({
        runStatus,
        turnElapsedMs: performance.now() - startedAt,
        turnMs: settings.turnMs,
        draining: control.draining.aborted,
      }),
  };
  try {
    return { kind: 'handed-back', reason: await makePasses(feed, incremental.everyMs) };
  } catch (error) {
    // What stopped it says more than what was stopped.
    const { reason } = abort.signal;
    throw abort.signal.aborted && reason instanceof UnavailableError ? reason : error;
  } finally {
    watchdog.stop();
    abort.abort();
  }
}

/** @returns why it stopped. */
async function makePasses(feed: OwnedFeed, everyMs: number): Promise<string> {
  const echo = new Echo(feed);
  const sameSource = new SameSource(feed);
  const totals = new FeedTotals(feed);
  let pace: Pace | null = null;
  for (let passed = false; ; passed = true) {
    const start = await beginPass(feed.context.ledger, feed.task);
    feed.alive();
    const directive = feed.directive(start.runStatus);
    // A turn has one pass at least.
    if (directive.kind === 'hand-back' && (directive.reason !== 'turn' || passed)) {
      await echo.note();
      return directive.reason;
    }
    const lapsed = await sameSource.among(start.lapsed);
    for (const one of lapsed) await renewLapsed(feed, one);
    if (lapsed.length > 0) continue;
    const targets = withoutAside(await sameSource.among(start.targets));
    const recover = (error: unknown) =>
      giveUpGone(feed, targets, error).catch((error: unknown) => putAside(feed, targets, error));
    const pass = new Pass(feed, { ...start, targets }, totals, pace);
    const end = await pass.make().catch(recover);
    pace = pass.pace;
    if (end === 'stopped') continue;
    const echoed = await echo.step(targets, end === 'nothing').catch(recover);
    feed.alive();
    if (end === 'nothing' && !echoed) await rest(feed, everyMs);
  }
}

/** Until the next pass, or until this process drains: resting is progress. */
async function rest(feed: OwnedFeed, everyMs: number): Promise<void> {
  const signal = AbortSignal.any([feed.signal, feed.control.draining]);
  const step = Math.max(1, Math.min(everyMs, feed.settings.batchTimeoutMs / 4));
  for (let restedMs = 0; restedMs < everyMs && !signal.aborted; restedMs += step) {
    await wait(step, undefined, { signal }).catch((error: unknown) => {
      if (feed.signal.aborted) throw error;
    });
    feed.alive();
  }
}
