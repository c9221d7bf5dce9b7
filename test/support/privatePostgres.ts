import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../apps/cli/src/embedded/index.ts';
import { copyCluster } from './copyCluster.ts';

/** A PostgreSQL that a test may kill. What it says is on disk is there after it. */
export interface PrivatePostgres {
  /** The url of a database, made when it is not there yet. The same after each start. */
  url(database: string): Promise<string>;
  /** SIGQUIT: every session is cut off at once, and what is not on disk is lost, as when the machine dies. */
  crash(): Promise<void>;
  /** Recovers what was on disk. */
  start(): Promise<void>;
  /** Another server that follows this one, and does not make it wait: what has not come to it yet is not on it. */
  startStandby(): Promise<PrivatePostgres>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

export async function startPrivatePostgres(): Promise<PrivatePostgres> {
  return startIn(newDirectory());
}

function newDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-postgres-'));
  // The account that the server runs under has to get there.
  chmodSync(directory, 0o755);
  return directory;
}

async function startIn(directory: string): Promise<PrivatePostgres> {
  const dataDir = path.join(directory, 'postgres');
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  let isUp = true;
  const one: PrivatePostgres = {
    url: (database) => server.url(database),
    async crash() {
      const file = path.join(server.home, 'data', 'postmaster.pid');
      process.kill(Number(readFileSync(file, 'utf8').split('\n', 1)[0]), 'SIGQUIT');
      await server.exited;
      isUp = false;
    },
    async start() {
      server = await startEmbeddedPostgres({ dataDir });
      isUp = true;
    },
    async startStandby() {
      const its = newDirectory();
      await copyCluster(await server.url('postgres'), server.home, path.join(its, 'postgres'));
      return startIn(its);
    },
    async stop() {
      if (isUp) await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return one;
}
