import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino';
import { build as prettyStream } from 'pino-pretty';
import { redactText } from './redactText.ts';
import { serializeError } from './serializeError.ts';

export type Logger = PinoLogger;

export interface LoggerOptions {
  /** Which app writes: `worker`, `scheduler`, `dashboard`, `cli`. */
  readonly app: string;
  /** Default `info`. `debug` adds what happens per slice; more is written than is read. */
  readonly level?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** For people: coloured lines instead of JSON. Default false. */
  readonly pretty?: boolean;
  /** A file descriptor, or a stream. Default 2 (stderr), which leaves stdout to the output of commands. */
  readonly destination?: number | DestinationStream;
}

/**
 * A logger that writes one JSON object per line, at once: the last line before an exit is never lost. Every line goes
 * through `redactText`, whatever put the secret there: a field, a child's binding, an error's message, stack or cause.
 */
export function createLogger(options: LoggerOptions): Logger {
  const target = options.destination ?? 2;
  const stream = options.pretty
    ? prettyStream({
        destination: target,
        sync: true,
        // Fields beside their message: the lines of several processes may stand between one another.
        singleLine: true,
        ignore: 'pid,hostname,app',
        translateTime: 'SYS:HH:MM:ss',
      })
    : typeof target === 'number'
      ? destination({ dest: target, sync: true })
      : target;
  return pino(
    {
      level: options.level ?? 'info',
      base: { app: options.app, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: redactText },
    },
    stream,
  );
}
