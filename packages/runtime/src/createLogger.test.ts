import { InputError } from '@reindeer/core';
import { expect, it } from 'vitest';
import { createLogger } from './createLogger.ts';

function capture(pretty = false) {
  const lines: string[] = [];
  const logger = createLogger({
    app: 'test',
    level: 'debug',
    pretty,
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

it('writes one JSON object per line with app, level and time', () => {
  const { logger, last } = capture();
  logger.info({ index: 'cities' }, 'promoted');
  expect(last()).toMatchObject({ app: 'test', level: 'info', index: 'cities', msg: 'promoted' });
  expect(Date.parse(last().time)).not.toBeNaN();
});

it('shows the stack of what nobody expected, and not that of a message for people', () => {
  const { logger, last } = capture();
  logger.error({ error: new TypeError('x is not a function') }, 'failed');
  expect(last().error).toMatchObject({ type: 'TypeError', stack: expect.stringContaining('createLogger.test.ts') });
  const cause = new Error('relation "book" does not exist');
  logger.error({ error: new InputError('table-unknown', 'There is no table "book".', { cause }) }, 'failed');
  expect(last().error).toEqual({
    type: 'InputError',
    code: 'table-unknown',
    message: 'There is no table "book".',
    cause: { message: 'relation "book" does not exist' },
  });
});

it('shows no stack of a server that does not answer', () => {
  const { logger, last } = capture();
  const error = Object.assign(new Error('getaddrinfo ENOTFOUND postgres'), { code: 'ENOTFOUND' });
  logger.error({ error }, 'asked again');
  expect(last().error).toEqual({ type: 'Error', message: 'getaddrinfo ENOTFOUND postgres', code: 'ENOTFOUND' });
});

it('redacts fields, bindings, messages, errors and their causes', () => {
  const { logger, lines } = capture();
  const cause = new Error('connect redis://:hunter2@cache:6379 refused');
  const error = new Error('cannot open postgres://app:hunter2@db/shop', { cause });
  logger.error({ err: error }, 'failed');
  logger.warn({ error, headers: { authorization: 'Bearer hunter2hunter2' } }, 'password=hunter2');
  logger.child({ password: 'hunter2' }).info('bound');
  logger.error(new AggregateError([cause], 'both failed'));
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '').err.cause.message).toContain('refused');
});

it('leaves out what libraries hang on their errors', () => {
  const { logger, lines } = capture();
  const sent = { name: 'hello', args: ['3', 'AUTH', 'reindeer', 'hunter2'] };
  const refused = Object.assign(new Error('WRONGPASS'), { command: sent, code: 'WRONGPASS', sent: () => sent });
  const aggregate = new AggregateError([refused], 'both refused');
  logger.error({ err: refused }, 'failed');
  logger.error({ err: new Error('outer', { cause: refused }) }, 'failed');
  logger.error({ err: aggregate }, 'failed');
  logger.error(refused);
  for (const line of lines) expect(line).not.toContain('hunter2');
  const [first, second, third] = lines.map((line) => JSON.parse(line).err);
  expect(first).toMatchObject({ code: 'WRONGPASS', message: 'WRONGPASS', stack: expect.any(String) });
  expect(second.cause).toMatchObject({ code: 'WRONGPASS', message: 'WRONGPASS' });
  expect(third.aggregateErrors).toMatchObject([{ code: 'WRONGPASS', message: 'WRONGPASS' }]);
});
