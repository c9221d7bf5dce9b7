import type { ResolvedConfig } from '@reindeer/config';
import { freePort } from '../embedded/index.ts';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { FailedError } from '../exit/FailedError.ts';
import { InterruptedError } from '../exit/InterruptedError.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { startEmbeddedFor } from '../setup/embeddedServer.ts';
import { localEnvironment, withLocalSettings } from '../setup/localSettings.ts';
import { type Fleet, startFleet } from './startFleet.ts';

export interface LocalFleetOptions {
  readonly config: ResolvedConfig;
  readonly workers: number;
  readonly json: boolean;
  /** A line for the person who started it. */
  readonly note: (text: string) => void;
  readonly onLine: (members: readonly string[], member: string, line: string) => void;
}

export interface LocalFleet {
  /** The configuration with every url filled in. */
  readonly config: ResolvedConfig;
  readonly ready: Fleet['ready'];
  /** Resolves when the person wants it to end. */
  readonly interrupted: Promise<void>;
  /** Aborted then. */
  readonly signal: AbortSignal;
}

/** What members need beside the drain of their slices. */
const CLOSING_MS = 10_000;

/**
 * Runs all apps of a configuration on this machine, with an embedded server for what has no url, while `work` lasts;
 * then, or when it is interrupted, ends them and the server. The exit code is 130 after a Ctrl-C.
 * `prepare` comes when the servers are there and before the apps.
 */
export async function withFleet(
  options: LocalFleetOptions,
  work: (fleet: LocalFleet) => Promise<ExitCode>,
  prepare: (config: ResolvedConfig, signal: AbortSignal) => Promise<void> = async () => {},
): Promise<ExitCode> {
  let fleet: Fleet | null = null;
  using interrupts = new Interrupts(() => {
    options.note('Ending at once.');
    fleet?.kill();
  });
  const { signal } = interrupts;
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const ending = () => {
    if (interrupts.first !== null) options.note('Stopping: slices are handed back (Ctrl-C again ends at once).');
  };
  signal.addEventListener('abort', ending, { once: true });
  try {
    const server = await startEmbeddedFor(options.config, signal);
    try {
      const settings = {
        ...(server?.urls ?? { ledgerUrl: null, queueUrl: null, connectionUrls: {} }),
        telemetryPort: 0,
        dashboardPort: await freePort(options.config.dashboard.port),
      };
      if (settings.dashboardPort !== options.config.dashboard.port && options.config.dashboard.port !== 0)
        options.note(`Port ${options.config.dashboard.port} is taken; the dashboard is on ${settings.dashboardPort}.`);
      const config = withLocalSettings(options.config, settings);
      await prepare(config, signal);
      fleet = startFleet({
        configPath: config.path,
        workers: options.workers,
        env: { ...localEnvironment(settings), ...(options.json ? {} : { REINDEER_LOG: 'pretty' }) },
        json: options.json,
        onLine: (member, line) => options.onLine(fleet?.members ?? [], member, line),
        drainTimeoutMs: config.worker.drainTimeoutMs + CLOSING_MS,
      });
      const lost = server?.exited.then((exitCode) => {
        if (signal.aborted) return new Promise<never>(() => {});
        throw new FailedError(
          `The embedded PostgreSQL ended by itself (exit code ${exitCode}). Its log: ${server.logFile}`,
        );
      });
      lost?.catch(() => {});
      const stopped = interrupted.then(() => EXIT.interrupted);
      const parts = { config, ready: fleet.ready, interrupted, signal };
      const outcome = await Promise.race([work(parts), fleet.failed, stopped, ...(lost === undefined ? [] : [lost])]);
      return interrupts.first === null ? outcome : exitCodeOf(interrupts.first);
    } finally {
      await (fleet as Fleet | null)?.stop();
      await server?.stop();
    }
  } catch (error) {
    if (interrupts.first === null || error instanceof InterruptedError) throw error;
    // What an interrupted start throws says no more than the Ctrl-C.
    return exitCodeOf(interrupts.first);
  }
}

function exitCodeOf(signal: NodeJS.Signals): ExitCode {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.done;
}
