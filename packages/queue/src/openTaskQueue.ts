import { InputError } from '@reindeer/core';
import type { Queue } from 'bullmq';
import type { Backend } from './backend.ts';
import { consumeTasks } from './consumeTasks.ts';
import { consumeTicks } from './consumeTicks.ts';
import { deliver } from './deliver.ts';
import { answered } from './errors/answered.ts';
import { limitErrors } from './errors/limitErrors.ts';
import { readLimit } from './limits.ts';
import { processName, queueName, TICKS_QUEUE } from './names.ts';
import { openPostgres } from './postgres/openPostgres.ts';
import { present } from './present.ts';
import type { Consumer, QueueLane, ScheduledTick, TaskQueue, TaskQueueOptions } from './queue.ts';
import { openRedis } from './redis/openRedis.ts';
import { applySchedules } from './schedules/applySchedules.ts';
import { fromStored } from './schedules/stored.ts';

const LANES: readonly QueueLane[] = ['live', 'bulk'];

/**
 * Opens the queue of a deployment. What is wrong with its server although it answers goes to `onError`, once.
 * @throws UnavailableError when the server does not answer; InputError when the url is for neither Redis nor PostgreSQL.
 */
export async function openTaskQueue(options: TaskQueueOptions): Promise<TaskQueue> {
  const errors = limitErrors(options.onError);
  let backend: Backend;
  try {
    backend = await openBackend(options, errors.report);
  } catch (error) {
    errors.close();
    throw error;
  }
  const settings = {
    lockDurationMs: options.lockDurationMs ?? 30_000,
    stalledIntervalMs: options.stalledIntervalMs ?? 15_000,
    name: processName(options.clientName ?? 'reindeer'),
    report: errors.report,
    debug: (error: unknown) => options.onDebug?.(error instanceof Error ? error : new Error(String(error))),
  };
  reportFindings(backend, errors.report);
  const consumers = new Set<Consumer>();
  const queues = new Map<string, Queue>();
  const queueNamed = (name: string): Queue => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = backend.queue(name);
    queue.on('error', errors.report);
    queues.set(name, queue);
    return queue;
  };
  const ticks = () => queueNamed(TICKS_QUEUE);
  const eachQueue = (indexes: readonly string[]) =>
    indexes.flatMap((index) => LANES.map((queue) => ({ index, queue, name: queueName(index, queue) })));
  const kept = (consumer: Consumer): Consumer => {
    consumers.add(consumer);
    return consumer;
  };

  return {
    backend: backend.kind,
    deliver: (deliveries) => answered('take jobs', deliver(queueNamed, deliveries), 60_000),
    consumeTasks: (index, queue, concurrency, handle) =>
      kept(consumeTasks(backend, index, queue, concurrency, handle, settings)),
    consumeTicks: (concurrency, handle) => kept(consumeTicks(backend, concurrency, handle, settings)),
    present: (deliveries) => answered('look for jobs', present(backend, queueNamed, deliveries), 60_000),
    applySchedules: (wanted) =>
      answered(
        'apply schedules',
        backend.exclusively(() => applySchedules(ticks(), wanted)),
        60_000,
      ),
    async schedules() {
      const stored = await answered('list schedules', ticks().getJobSchedulers(0, -1, true), 60_000);
      return stored.map(fromStored).filter((tick): tick is ScheduledTick => tick !== null);
    },
    epoch: () => answered('give its epoch', backend.epoch()),
    setEpoch: (epoch) => answered('take an epoch', backend.setEpoch(epoch), 30_000),
    async pausedQueues(indexes) {
      const all = eachQueue(indexes);
      const paused = await answered(
        'say what is paused',
        Promise.all(all.map(({ name }) => queueNamed(name).isPaused())),
      );
      return all.filter((_, at) => paused[at] === true).map(({ index, queue }) => ({ index, queue }));
    },
    resume: (index, queue) => answered('resume', queueNamed(queueName(index, queue)).resume()),
    ticksPaused: () => answered('say whether ticks are paused', ticks().isPaused()),
    resumeTicks: () => answered('resume ticks', ticks().resume()),
    async limits(indexes) {
      const all = [{ name: TICKS_QUEUE, index: null }, ...eachQueue(indexes)];
      const limits = all.map(({ name, index }) => readLimit(name, index, queueNamed(name)));
      return (await answered('say what is limited', Promise.all(limits))).filter((limit) => limit !== null);
    },
    async counts(indexes) {
      const names = [TICKS_QUEUE, ...eachQueue(indexes).map(({ name }) => name)];
      const counts = await answered('count jobs', Promise.all(names.map((name) => queueNamed(name).getJobCounts())));
      return names.flatMap((queue, at) =>
        Object.entries(counts[at] ?? {}).map(([state, count]) => ({ queue, state, count })),
      );
    },
    ping: () => answered('answer a ping', backend.ping(), 3_000),
    health: () => answered('report its health', backend.health()),
    boardQueues: (indexes) => [
      { name: TICKS_QUEUE, index: null, queue: ticks() },
      ...eachQueue(indexes).map(({ name, index }) => ({ name, index, queue: queueNamed(name) })),
    ],
    async close() {
      await Promise.allSettled([...consumers].map((consumer) => consumer.kill()));
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      await backend.close();
      errors.close();
    },
  };
}

/** In the background: a server that may not be asked about itself can still be a good queue. */
function reportFindings(backend: Backend, report: (error: unknown) => void): void {
  backend.health().then((findings) => {
    for (const { severity, message } of findings) if (severity === 'danger') report(new Error(message));
  }, report);
}

function openBackend(
  { url, prefix, clientName = 'reindeer' }: TaskQueueOptions,
  onError: (error: unknown) => void,
): Promise<Backend> {
  const options = { url, prefix, clientName, onError };
  if (/^rediss?:\/\//.test(url)) return openRedis(options);
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(options);
  const scheme = /^[a-z0-9+.-]+:/i.exec(url)?.[0] ?? 'no scheme';
  throw new InputError('queue-url', `queue.url has ${scheme}: give it as redis://…, rediss://… or postgres://….`);
}
