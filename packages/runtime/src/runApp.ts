import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app.ts';
import type { Logger } from './createLogger.ts';

export interface RunAppOptions {
  readonly name: string;
  readonly logger: Logger;
  /** Starts the app. The signal is aborted when the process is told to end before the start has finished. */
  readonly start: (signal: AbortSignal) => Promise<App>;
  /** How long `stop` may take, in milliseconds, before the process ends without it. */
  readonly drainTimeoutMs: number;
  /** Signals within this time are one that came twice, as npm and terminals pass a Ctrl-C on. In ms; default 500. */
  readonly sameSignalMs?: number;
}

/** 0: ended as asked. 1: failed, or did not stop in time. 130: interrupted from the keyboard, or told twice. */
export type ExitCode = 0 | 1 | 130;

/**
 * Runs an app until it ends or the process is told to, and resolves to the exit code; the caller exits with it at once.
 * SIGTERM and SIGINT stop the app, a second signal ends the process without waiting. What nobody caught is logged and
 * ends the process with 1, without a drain: the state of a process after that is not to be trusted, and leases and
 * claims are made for a death.
 */
export async function runApp(options: RunAppOptions): Promise<ExitCode> {
  const { name, logger, start, drainTimeoutMs, sameSignalMs = 500 } = options;
  const told = new AbortController();
  const ended = Promise.withResolvers<ExitCode>();
  const stopped = Promise.withResolvers<NodeJS.Signals>();
  let toldAt = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (told.signal.aborted) {
      if (performance.now() - toldAt < sameSignalMs) return;
      logger.warn({ signal }, `${name}: told to stop twice, ending at once`);
      ended.resolve(130);
      return;
    }
    toldAt = performance.now();
    logger.info({ signal }, `${name}: stopping`);
    told.abort(signal);
    stopped.resolve(signal);
  };
  const onUncaught = (error: unknown) => {
    logger.fatal({ err: error }, `${name}: an error nobody caught`);
    ended.resolve(1);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  try {
    return await Promise.race([ended.promise, life()]);
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    process.off('uncaughtException', onUncaught);
    process.off('unhandledRejection', onUncaught);
  }

  async function life(): Promise<ExitCode> {
    try {
      const app = await start(told.signal);
      const signal = await Promise.race([stopped.promise, app.done.then(() => null)]);
      if (signal === null) return 0;
      const timer = new AbortController();
      const late = sleep(drainTimeoutMs, true, { signal: timer.signal }).catch(() => false);
      const tooLate = await Promise.race([app.stop(signal).then(() => false), late]);
      timer.abort();
      if (tooLate) {
        logger.error(
          { drainTimeoutMs },
          `${name}: did not stop in time; what it held is taken over when its lease ends`,
        );
        return 1;
      }
      logger.info(`${name}: stopped`);
      return signal === 'SIGINT' ? 130 : 0;
    } catch (error) {
      if (told.signal.aborted && error instanceof Error && error.name === 'AbortError') return 130;
      logger.fatal({ err: error }, `${name}: failed`);
      return 1;
    }
  }
}
