import { expect, test } from 'vitest';
import { logFindings } from './logFindings.ts';
import { brief } from './testFindings.ts';

test('findings of a log are one for each table, and a log that is not there is one', () => {
  const finding = (
    kind: 'trigger-missing' | 'table-missing' | 'log-missing' | 'grant-missing',
    name: string | null,
  ) => ({
    kind,
    table: name === null ? null : { schema: 'public', name },
    message: `${kind}.`,
    remedy: kind === 'grant-missing' ? ['grant a;', 'grant b;'] : ['create trigger …;'],
  });
  expect(
    brief(
      logFindings('cities', 'shop', [
        finding('trigger-missing', 'city'),
        finding('trigger-missing', 'city'),
        finding('trigger-missing', 'country'),
        finding('grant-missing', null),
      ]),
    ),
  ).toEqual([
    'critical | trigger-missing | reindeer migrate --source --connection shop',
    'critical | trigger-missing | reindeer migrate --source --connection shop',
    'critical | grant-missing | grant a;\ngrant b;',
  ]);
  expect(
    brief(logFindings('cities', 'shop', [finding('log-missing', null), finding('table-missing', 'city')])),
  ).toEqual(['critical | log-missing | reindeer migrate --source --connection shop']);
});
