import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { serverAccount, startSupervised } from '../../../apps/cli/src/embedded/index.ts';
import { commandOnPath } from '../../support/commandOnPath.ts';
import { reservedPort } from '../../support/reservedPort.ts';
import type { TestServer } from '../../support/testServer.ts';

/** PostgreSQL's programs of an older version than the embedded one: on PATH, or where Debian puts them. */
function findPrograms(): string | null {
  const onPath = commandOnPath('initdb');
  const places = ['13', '14', '15', '16', '17'].map((version) => `/usr/lib/postgresql/${version}/bin`);
  if (onPath !== null) places.unshift(path.dirname(onPath));
  return places.find((place) => existsSync(path.join(place, 'initdb'))) ?? null;
}

const givenUrl = process.env.REINDEER_TEST_OLDER_POSTGRES_URL;
const programs = findPrograms();

/** Is there an older PostgreSQL: in REINDEER_TEST_OLDER_POSTGRES_URL, on PATH, or in /usr/lib/postgresql? */
export const hasOlderPostgres = givenUrl !== undefined || programs !== null;

/**
 * A server of an older version than the embedded one; the sources of most people are such. With settings it is always
 * one of our own, and so is a replica (of nobody, and empty).
 */
export async function startOlderPostgres(
  settings: readonly string[] = [],
  { isReplica = false }: { readonly isReplica?: boolean } = {},
): Promise<TestServer> {
  if (givenUrl !== undefined && settings.length === 0 && !isReplica)
    return { url: givenUrl, origin: 'the environment', stop: async () => {} };
  if (programs === null)
    throw new Error('There is no older PostgreSQL here: skip such suites where hasOlderPostgres is false.');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-older-postgres-'));
  chmodSync(directory, 0o711);
  const account = serverAccount();
  const home = path.join(directory, 'home');
  mkdirSync(home);
  if (account !== null) chownSync(home, account.uid, account.gid);
  const data = path.join(home, 'data');
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { stdio: 'ignore', cwd: '/', ...(account === null ? {} : { uid: account.uid, gid: account.gid }) },
  );
  if (isReplica) writeFileSync(path.join(data, 'standby.signal'), '');
  const port = await reservedPort();
  const server = await startSupervised({
    program: path.join(programs, 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      '-k',
      home,
      '-c',
      'fsync=off',
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    cwd: '/',
    account,
    logFile: path.join(directory, 'log'),
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return {
    url,
    origin: programs,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; await delay(50)) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }
}
