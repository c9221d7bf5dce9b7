import { hostname } from 'node:os';
import { InputError, WHOLE_INDEX } from '@reindeer/core';
import type { Delivery, QueueLane, TickRef } from './queue.ts';

/** Who is connected, as servers and Bull Board show it: `reindeer-worker@host.123`. */
export function processName(app: string): string {
  return `${app}@${hostname()}.${process.pid}`;
}

/** The one queue that all schedules of a deployment fire into. */
export const TICKS_QUEUE = 'ticks';

/** The two queues of an index. BullMQ refuses ':' in the names of queues, and reads it as a separator in the ids of jobs. */
export function queueName(index: string, queue: QueueLane): string {
  return `${withoutColon('index', index)}.${queue}`;
}

/**
 * The id of a delivery's job: `k3f9a1.s12.2`. Adding it again is a no-op while the job exists (I1).
 * The letter keeps it from being a pure integer, which BullMQ reserves for ids of its own.
 */
export function jobId(delivery: Pick<Delivery, 'nonce' | 'kind' | 'number' | 'delivery'>): string {
  return `${withoutColon('nonce', delivery.nonce)}.${delivery.kind.charAt(0)}${delivery.number}.${delivery.delivery}`;
}

/** The id of a schedule: `cities.rebuild`, or `cities.refresh.3` for a shard's. Lanes are fixed words, so no two entries share one. */
export function schedulerId(tick: TickRef): string {
  const name = `${withoutColon('index', tick.index)}.${tick.lane}`;
  return tick.shard === WHOLE_INDEX ? name : `${name}.${tick.shard}`;
}

/** What a person sees of a tick in Bull Board. */
export function tickTitle(tick: TickRef): string {
  const title = `${tick.index} · ${tick.lane}`;
  return tick.shard === WHOLE_INDEX ? title : `${title} · shard ${tick.shard}`;
}

/** The time, in ms since 1970, for which a schedule made this job; null for a job that no schedule made. */
export function slotOf(tickJobId: string | undefined): number | null {
  const slot = /^repeat:.+:(\d+)$/.exec(tickJobId ?? '')?.[1];
  return slot === undefined ? null : Number(slot);
}

function withoutColon(what: string, name: string): string {
  if (name !== '' && !name.includes(':')) return name;
  throw new InputError(
    'queue-name',
    `${what}: ${JSON.stringify(name)} cannot name a queue or a job: use a text without ':'.`,
  );
}
