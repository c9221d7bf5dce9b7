import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { type App, createLogger, createMetrics, type Logger, type Metrics, runApp } from '@reindeer/runtime';
import type { ExitCode } from '../exit/exitCode.ts';
import { explainError } from '../exit/explainError.ts';
import { announceReady, endWithStarter } from '../fleet/starter.ts';
import { logLevel } from '../setup/logLevel.ts';
import type { VerbContext } from '../verb.ts';

export interface AppParts {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface AppVerb {
  readonly name: 'scheduler' | 'worker' | 'dashboard';
  /** How long it may take to stop, in milliseconds. */
  readonly drainTimeoutMs: (config: ResolvedConfig) => number;
  /** Starts it; `ready` is what a `dev` that started it is told. */
  readonly start: (
    parts: AppParts,
  ) => Promise<{ readonly app: App; readonly ready?: Readonly<Record<string, string>> }>;
}

/**
 * One app, as containers run it, until it is told to end. Logs go to stderr: lines for people on a terminal, JSON else.
 * @throws InputError for a wrong configuration, before anything starts.
 */
export async function runAppVerb(context: VerbContext, verb: AppVerb): Promise<ExitCode> {
  const config = await context.loadConfig();
  requireUrls(config);
  const pretty = !context.terminal.json && (process.stderr.isTTY === true || process.env.REINDEER_LOG === 'pretty');
  const logger = createLogger({ app: verb.name, level: logLevel(), pretty });
  const metrics = createMetrics(verb.name);
  endWithStarter();
  let startFailure: unknown = null;
  const exitCode = await runApp({
    name: verb.name,
    logger,
    drainTimeoutMs: verb.drainTimeoutMs(config),
    start: async () => {
      try {
        const { app, ready } = await verb.start({ config, logger, metrics });
        announceReady(ready ?? {});
        return app;
      } catch (error) {
        startFailure = error;
        throw error;
      }
    },
  });
  // The log has said it; what is left is to tell a wrong configuration from a failure.
  return startFailure !== null && exitCode === 1 ? explainError(startFailure).exitCode : exitCode;
}
