import type { LogFinding } from '@reindeer/connectors';
import { expect, test } from 'vitest';
import { installedLines } from './installedLines.ts';

const city = { schema: 'public', name: 'city' };
const finding = (kind: LogFinding['kind'], table: LogFinding['table'], remedy: string[] = ['…;']): LogFinding => ({
  kind,
  table,
  message: `${kind}.`,
  remedy,
});

test('a first installation is a line for the log, each table and the grants', () => {
  expect(
    installedLines([
      finding('log-missing', null),
      finding('table-missing', city),
      finding('grant-missing', null, ['grant usage on schema "l" to "r";', 'grant select on "l"."logs" to "r";']),
    ]),
  ).toEqual([
    'log: created',
    'public.city: triggers installed, its changes are logged from now on',
    'grants: grant usage on schema "l" to "r"; grant select on "l"."logs" to "r";',
  ]);
});

test('what was mended is said with why, and what it means', () => {
  expect(installedLines([finding('trigger-disabled', city), finding('function-altered', city)])).toEqual([
    'public.city: triggers installed anew; what changed while they were not as they must be owes a refresh. trigger-disabled. function-altered.',
  ]);
  expect(installedLines([])).toEqual([]);
});
