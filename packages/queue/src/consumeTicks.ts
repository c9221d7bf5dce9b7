import type { Backend } from './backend.ts';
import { type ConsumerSettings, startConsumer } from './consumer.ts';
import { giveBack } from './giveBack.ts';
import { slotOf, TICKS_QUEUE } from './names.ts';
import { readTick } from './payload.ts';
import type { Consumer, TickRef } from './queue.ts';

/**
 * A tick that kills its process comes back for ever: while its schedule exists, BullMQ does not count its stalls.
 * Ticks are never given back while they are wanted, so each start counts.
 */
const MAX_STARTS = 5;

/** Starts a consumer of ticks. */
export function consumeTicks(
  backend: Backend,
  concurrency: number,
  handle: (tick: TickRef, slot: number | null) => Promise<unknown>,
  settings: ConsumerSettings,
): Consumer {
  const options = { concurrency, maxStartedAttempts: MAX_STARTS };
  return startConsumer(backend, TICKS_QUEUE, options, settings, (state) => {
    return async (job, token, _signal) => {
      if (state.stopping) return giveBack(backend, job, token, 0, settings);
      return handle(readTick(job.data), slotOf(job.id));
    };
  });
}
