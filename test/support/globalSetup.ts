import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLazyServers } from './lazyServers.ts';
import { startPostgres } from './startPostgres.ts';
import { startRedis } from './startRedis.ts';
import type { TestServer } from './testServer.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    /** null: none to be had. */
    redisUrl: string | null;
    /** Where tests ask for servers that are started only then. */
    lazyServersUrl: string;
    /** A file that names what failed tests left behind, one line each. */
    keptFile: string;
  }
}

/** Starts one server of each kind for the whole run, and ends them with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-test-'));
  // The servers run under another account when this is root.
  chmodSync(directory, 0o711);
  const keptFile = path.join(directory, 'kept');
  const { postgres, redis } = await startServers(directory).catch((cause) => {
    rmSync(directory, { recursive: true, force: true });
    throw cause;
  });
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis?.url ?? null);
  const lazy = await startLazyServers(directory, isSet(process.env.CI));
  project.provide('lazyServersUrl', lazy.url);
  project.provide('keptFile', keptFile);
  return async () => {
    const missing = await lazy.stop();
    await redis?.stop();
    await postgres.stop();
    if (existsSync(keptFile))
      say(
        `Kept, because a test failed (PostgreSQL from ${postgres.origin}, ${directory}):\n${readFileSync(keptFile, 'utf8')}`,
      );
    else rmSync(directory, { recursive: true, force: true });
    if (redis === null)
      say(
        '!! SKIPPED: every suite that needs Redis. None was found in REDIS_URL, on PATH, in Docker, or through apt.\n' +
          '!! The queue on Redis is NOT tested by this run.',
      );
    for (const { name, variable } of missing)
      say(
        `!! SKIPPED: every suite that needs ${name}. None was found in ${variable}, in Docker, or through Maven with a JDK.\n` +
          `!! The sink in ${name} is NOT tested by this run.`,
      );
  };
}

async function startServers(directory: string): Promise<{ postgres: TestServer; redis: TestServer | null }> {
  const postgres = await startPostgres(directory);
  try {
    const redis = await startRedis(directory);
    if (redis === null && isSet(process.env.CI))
      throw new Error('CI is set, and there is no Redis: give REDIS_URL, or put redis-server on PATH.');
    return { postgres, redis };
  } catch (cause) {
    await postgres.stop();
    throw cause;
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

/** Past vitest's own streams, which are closing. */
function say(text: string): void {
  writeSync(2, `\n${text}\n`);
}
