import type { Verb } from '../verb.ts';
import { runAppVerb } from './runAppVerb.ts';

/** What a worker needs beside its drain: to end its lease and close its connections. */
const CLOSING_MS = 5_000;

export const workerVerb: Verb = {
  usage: 'worker',
  summary: 'works on slices; start as many as you like',
  more: 'SIGTERM drains: slices are handed back at their next checkpoint, for others to go on with.',
  examples: ['reindeer worker', 'LOG_LEVEL=debug reindeer worker --json 2> worker.log'],
  action: (context) =>
    runAppVerb(context, {
      name: 'worker',
      drainTimeoutMs: (config) => config.worker.drainTimeoutMs + CLOSING_MS,
      async start(parts) {
        const { startWorker } = await import('@reindeer/app-worker');
        return { app: await startWorker(parts) };
      },
    }),
};
