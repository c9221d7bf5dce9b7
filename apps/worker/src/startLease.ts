import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { endLease, type Ledger, sessionOptions, type WorkerProcess } from '@reindeer/ledger';
import type { Logger } from '@reindeer/runtime';
import type { LeaseThreadData } from './leaseThread.ts';

export interface Lease {
  /** Milliseconds since the last renewal that the ledger confirmed. */
  ageMs(): number;
  /** Ends the lease at once. Only after this process writes no more. */
  end(): Promise<void>;
}

const RENEW_MS = 3_000;
const BEAT_MS = 500;
/** A short lease is asked for in a short time, in which a busy server may not answer: for so long it is asked again at the start too. */
const FIRST_LIMIT_MS = 30_000;

/**
 * Keeps the process's lease alive from a thread of its own: a busy transform is no death, and a main thread that hangs
 * longer than `hangMs` stops the renewals. Resolves after the first renewal, rejects when there is none within 30 s.
 * @param onLost called when the thread died by itself, after which nothing renews the lease
 */
export async function startLease(
  ledger: Ledger,
  url: string,
  process: WorkerProcess,
  options: { leaseMs: number; hangMs: number; logger: Logger; onLost: (error: Error) => void },
): Promise<Lease> {
  const beats = new SharedArrayBuffer(4);
  const view = new Int32Array(beats);
  const beat = setInterval(() => Atomics.add(view, 0, 1), BEAT_MS);
  beat.unref();
  const data: LeaseThreadData = {
    url,
    options: sessionOptions(ledger.schema),
    process,
    leaseMs: options.leaseMs,
    renewMs: Math.min(RENEW_MS, Math.floor(options.leaseMs / 4)),
    hangMs: options.hangMs,
    beats,
  };
  const thread = new Worker(new URL('./leaseThread.ts', import.meta.url), { workerData: data });
  const startedAt = performance.now();
  let renewedAt = startedAt;
  let ending = false;
  const first = Promise.withResolvers<void>();
  thread.on('message', (message: { kind: string; message?: string }) => {
    if (message.kind === 'renewed') {
      renewedAt = performance.now();
      first.resolve();
    } else {
      options.logger.warn(
        { cause: message.message },
        message.kind === 'failed'
          ? 'the ledger did not renew the lease of this worker; asked again'
          : `the lease was not renewed: ${message.kind}`,
      );
      if (performance.now() - startedAt > FIRST_LIMIT_MS)
        first.reject(new Error(`The ledger gave no lease: ${message.message ?? message.kind}`));
    }
  });
  thread.on('error', (error) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    first.reject(failure);
    options.onLost(failure);
  });
  thread.on('exit', () => {
    if (!ending) options.onLost(new Error('The thread that renews the lease has ended.'));
  });
  await first.promise;
  return {
    ageMs: () => performance.now() - renewedAt,
    end: async () => {
      if (ending) return;
      ending = true;
      clearInterval(beat);
      const exited = once(thread, 'exit');
      thread.postMessage('end');
      await exited;
      await endLease(ledger, process.worker).catch((error: unknown) =>
        options.logger.warn({ error }, 'the lease could not be ended; it ends by itself'),
      );
    },
  };
}
