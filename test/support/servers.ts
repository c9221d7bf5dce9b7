import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import pg from 'pg';
import { beforeEach, describe, inject, type TestContext } from 'vitest';

/** Where the run's PostgreSQL is. Tests work in databases of their own: `freshDatabase`. */
export const postgresUrl: string = inject('postgresUrl');

/** Is there a Redis? Without one, suites made by `describeRedis` are skipped, and the run says so at its end. */
export const hasRedis: boolean = inject('redisUrl') !== null;

/** `describe` for suites that need Redis. */
export const describeRedis = describe.skipIf(!hasRedis);

/** Where the run's Redis is. Tests keep their keys apart: `freshPrefix`. */
export function redisUrl(): string {
  const url = inject('redisUrl');
  if (url === null) throw new Error('There is no Redis in this run: use describeRedis for suites that need one.');
  return url;
}

/** A prefix for queue names and keys that no other suite has. */
export function freshPrefix(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}

export interface FreshDatabase {
  readonly url: string;
  readonly name: string;
  /** Drops the database, unless a test of this file has failed: then its name is printed when the run ends. */
  drop(): Promise<void>;
}

/** An empty database of its own for a suite or a test. */
export async function freshDatabase(name: string): Promise<FreshDatabase> {
  const database = `${name.replaceAll(/\W/g, '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`;
  await execute(`create database ${pg.escapeIdentifier(database)}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${database}`;
  return {
    url: url.href,
    name: database,
    drop: async () => {
      const failed = failedTests();
      if (failed.length > 0) {
        appendFileSync(inject('keptFile'), `  database ${database} (failed: ${failed.join('; ')})\n`);
        return;
      }
      await execute(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`);
    },
  };
}

const run: TestContext['task'][] = [];

// Of the file that imports this module: vitest gives each file its own.
beforeEach(({ task }) => void run.push(task));

/** Tests of this file that have failed, the one that has just ended included: its own clean-up comes before others'. */
export function failedTests(): readonly string[] {
  return run.filter(({ result }) => result?.state === 'fail').map(({ name }) => name);
}

async function execute(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
