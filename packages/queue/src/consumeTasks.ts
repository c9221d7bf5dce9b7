import { DelayedError, type Job } from 'bullmq';
import type { Backend } from './backend.ts';
import { type ConsumerSettings, type ConsumerState, startConsumer } from './consumer.ts';
import { giveBack } from './giveBack.ts';
import { queueName } from './names.ts';
import { readTask } from './payload.ts';
import { throttleProgress } from './progress.ts';
import type { Consumer, QueueLane, TaskHandlerContext, TaskRef, Verdict } from './queue.ts';

type TaskHandler = (task: TaskRef, context: TaskHandlerContext) => Promise<Verdict>;

/** Starts a consumer of one queue of an index. */
export function consumeTasks(
  backend: Backend,
  index: string,
  queue: QueueLane,
  concurrency: number,
  handle: TaskHandler,
  settings: ConsumerSettings,
): Consumer {
  return startConsumer(backend, queueName(index, queue), { concurrency }, settings, (state) => {
    return (job, token, signal) => processTask({ backend, index, handle, settings, state }, job, token, signal);
  });
}

interface TaskConsumer {
  readonly backend: Backend;
  readonly index: string;
  readonly handle: TaskHandler;
  readonly settings: ConsumerSettings;
  readonly state: ConsumerState;
}

async function processTask(
  consumer: TaskConsumer,
  job: Job,
  token: string | undefined,
  signal: AbortSignal | undefined,
) {
  const { settings, state } = consumer;
  // Fetched while `stop` was called: another consumer has it at once.
  if (state.stopping) return giveBack(consumer.backend, job, token, 0, settings);
  const task = readTask(job.data, consumer.index);
  const lost = signal === undefined ? state.killed : AbortSignal.any([signal, state.killed]);
  const progress = throttleProgress((value: object) => job.updateProgress(value), lost, settings.debug);

  let verdict: Verdict;
  try {
    verdict = await consumer.handle(task, {
      signal: lost,
      progress: progress.update,
      log: (line) => {
        if (!lost.aborted) void job.log(line).catch(settings.debug);
      },
    });
  } catch (error) {
    // The job is not ours to fail any more.
    if (lost.aborted) throw new DelayedError();
    throw error;
  } finally {
    await progress.end();
  }
  if (lost.aborted) throw new DelayedError();
  return verdict.kind === 'again' ? giveBack(consumer.backend, job, token, verdict.delayMs, settings) : verdict.result;
}
