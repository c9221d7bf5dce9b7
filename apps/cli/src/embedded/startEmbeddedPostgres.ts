import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError, UnavailableError } from '@reindeer/core';
import { runnableBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { embeddedUrl, ensureDatabase, probe } from './connect.ts';
import { freePort } from './freePort.ts';
import { readLock } from './lock.ts';
import { createPlace, type Place, placeOf, readSecrets, type Secrets, writeSecrets } from './place.ts';
import { findPlatformPackage } from './platform.ts';
import { type SupervisedProcess, startSupervised } from './supervisedProcess.ts';

/** A PostgreSQL on 127.0.0.1 that came with an npm package. */
export interface EmbeddedPostgres {
  /** Where its data is; not always `dataDir` (see there). */
  readonly home: string;
  readonly logFile: string;
  /** Resolves with its exit code when the server ends, asked to or not; never when another process started it. */
  readonly exited: Promise<number>;
  /** The url of a database, made when it is not there yet. Holds the password: not for logs. */
  url(database: string): Promise<string>;
  /** Ends the server: clients are cut off, what was committed is kept. Repeatable. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /**
   * Where its data is kept from start to start: a directory of its own, made when missing. For root, where a directory
   * above it is private, the data is under `/var/lib/reindeer` instead.
   */
  readonly dataDir: string;
  /**
   * false: not synced to disk, faster, and lost in a power failure: for tests alone. Default true, in the demo too:
   * the figures it shows are then those of a server one may rely on.
   */
  readonly durable?: boolean;
  /** Aborts the start. A running server is ended by `stop()`. */
  readonly signal?: AbortSignal;
}

const START_LIMIT_MS = 60_000;
const LEAVE_LIMIT_MS = 35_000;
const MAX_LOG_BYTES = 10_000_000;

/**
 * Starts the embedded PostgreSQL on `dataDir` and waits until it answers. It ends with `stop()`, and also when this
 * process dies in any other way.
 * @throws InputError with the remedy: `embedded-running` (another process has it; see `findEmbeddedPostgres`),
 *   `embedded-unsupported`, `embedded-missing`, `embedded-version`, `embedded-init`, `embedded-start`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const durable = options.durable ?? true;
  const platform = findPlatformPackage();
  const place = placeOf(options.dataDir);
  await waitUntilLeft(place, options.signal);
  const native = runnableBinaries(platform, place.account);
  createPlace(place);
  const known = existsSync(place.cluster) ? readSecrets(place) : null;
  if (known === null && existsSync(place.cluster))
    throw new InputError(
      'embedded-start',
      `${place.secretsFile} is missing, and with it the password of the data beside it. Put it back, or remove ${place.home}.`,
    );
  const password = known?.password ?? randomBytes(24).toString('base64url');
  // Before the cluster: data without its password would be of no use.
  writeSecrets(place, { password, port: known?.port ?? 0 });
  await createCluster(native, platform.label, place, password, durable, options.signal);
  if (existsSync(place.logFile) && statSync(place.logFile).size > MAX_LOG_BYTES) rmSync(place.logFile);

  for (let attempt = 1; ; attempt++) {
    const secrets = { password, port: await freePort(attempt === 1 && known !== null ? known.port : null) };
    writeSecrets(place, secrets);
    const logStart = existsSync(place.logFile) ? statSync(place.logFile).size : 0;
    const server = await startSupervised({
      program: path.join(native, 'bin', 'postgres'),
      args: ['-D', place.cluster, ...settings(secrets.port, durable)],
      cwd: '/',
      account: place.account,
      logFile: place.logFile,
    });
    if (await answers(server, secrets, options.signal)) return handle(place, secrets, server);
    const log = readFileSync(place.logFile, 'utf8').slice(logStart);
    // Between the look for a free port and the start somebody else took it.
    if (/Address already in use/.test(log) && attempt < 5) continue;
    throw startFailure(place, log);
  }
}

/** The server that another process started on `dataDir`, or null. Its `stop()` does nothing. */
export async function findEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres | null> {
  const place = placeOf(dataDir);
  const secrets = readSecrets(place);
  if (readLock(place.cluster) === null || secrets === null || (await probe(secrets)) !== 'ready') return null;
  return handle(place, secrets, { exited: new Promise(() => undefined), stop: async () => undefined });
}

function handle(place: Place, secrets: Secrets, server: SupervisedProcess): EmbeddedPostgres {
  return {
    home: place.home,
    logFile: place.logFile,
    exited: server.exited,
    url: async (database) => {
      await ensureDatabase(secrets, database);
      return embeddedUrl(secrets, database);
    },
    stop: server.stop,
  };
}

function settings(port: number, durable: boolean): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    // None: a path of more than 107 bytes would stop the server, and nothing here needs one.
    unix_socket_directories: '',
    // Scheduler, dashboard and workers each keep a pool.
    max_connections: 200,
    cluster_name: 'reindeer',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** True when it answers, false when it ended first. */
async function answers(server: SupervisedProcess, secrets: Secrets, signal?: AbortSignal): Promise<boolean> {
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + START_LIMIT_MS;
  try {
    while (!ended) {
      signal?.throwIfAborted();
      if ((await probe(secrets)) === 'ready') return !ended;
      if (Date.now() > deadline)
        throw new UnavailableError('error', `The embedded PostgreSQL did not answer in ${START_LIMIT_MS / 1000} s.`);
      await delay(50, undefined, signal === undefined ? {} : { signal });
    }
    return false;
  } catch (cause) {
    await server.stop();
    throw cause;
  }
}

/** A server whose starter was killed is on its way out: that is waited for. One that is in use is not disturbed. */
async function waitUntilLeft(place: Place, signal?: AbortSignal): Promise<void> {
  const secrets = readSecrets(place);
  const start = Date.now();
  for (;;) {
    const lock = readLock(place.cluster);
    if (lock === null) return;
    const inUse = secrets !== null && (await probe(secrets)) === 'ready';
    const waitedMs = Date.now() - start;
    if ((inUse && waitedMs > 2_000) || waitedMs > LEAVE_LIMIT_MS)
      throw new InputError(
        'embedded-running',
        `An embedded PostgreSQL is already running on ${place.home} (process ${lock.pid}, port ${lock.port}): ` +
          'another `reindeer dev` or `reindeer demo` has it. End that one first, or use another directory.',
      );
    await delay(100, undefined, signal === undefined ? {} : { signal });
  }
}

function startFailure(place: Place, log: string): InputError {
  const reason = log.match(/(?:FATAL|PANIC|could not|error while loading).*/)?.[0] ?? 'it ended without a word';
  const remedy = /No space left/i.test(log)
    ? 'Free some room on that disk.'
    : /shared memory|semaphore/i.test(log)
      ? 'This system gives it too little shared memory: in a container, raise --shm-size.'
      : `The log says more: ${place.logFile}`;
  return new InputError(
    'embedded-start',
    `The embedded PostgreSQL on ${place.home} did not start: ${reason}. ${remedy}`,
  );
}
