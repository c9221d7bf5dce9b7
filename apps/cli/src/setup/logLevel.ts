import { InputError } from '@reindeer/core';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** LOG_LEVEL, or `info`. @throws InputError for a level that there is not. */
export function logLevel(env: NodeJS.ProcessEnv = process.env): LogLevel {
  const text = env.LOG_LEVEL;
  if (text === undefined || text === '') return 'info';
  const level = LEVELS.find((one) => one === text.toLowerCase());
  if (level !== undefined) return level;
  throw new InputError(
    'log-level',
    `LOG_LEVEL=${JSON.stringify(text)}: there is no such level; there is ${LEVELS.join(', ')}.`,
  );
}
