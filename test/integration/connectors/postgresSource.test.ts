import { writeSync } from 'node:fs';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeSource } from '../../../packages/connectors/src/conformance/source.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import type { TestServer } from '../../support/testServer.ts';
import { hasOlderPostgres, startOlderPostgres } from './olderPostgres.ts';
import { postgresSourceHarness } from './postgresSourceHarness.ts';

describe('PostgreSQL of the run', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase('postgres_source');
  });
  afterAll(() => database.drop());

  describeSource(postgresSourceHarness('a PostgreSQL table', () => database.url, 'table'));
  describeSource(postgresSourceHarness('a PostgreSQL query', () => database.url, 'query'));
});

if (!hasOlderPostgres) {
  const told =
    'no PostgreSQL older than the embedded one: give REINDEER_TEST_OLDER_POSTGRES_URL, or put its initdb on PATH';
  if (process.env.CI) throw new Error(`CI is set, and there is ${told}.`);
  writeSync(2, `\n!! SKIPPED: the source on an older server. There is ${told}.\n`);
}

describe.skipIf(!hasOlderPostgres)('an older PostgreSQL', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startOlderPostgres();
  });
  afterAll(() => server?.stop());

  describeSource(postgresSourceHarness('a PostgreSQL table', () => server?.url ?? '', 'table'));
});
