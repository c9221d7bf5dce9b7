import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../apps/cli/src/embedded/index.ts';

/** A PostgreSQL that a test may kill. What it says is on disk is there after it. */
export interface PrivatePostgres {
  /** The url of a database, made when it is not there yet. The same after each start. */
  url(database: string): Promise<string>;
  /** SIGQUIT: every session is cut off at once, and what is not on disk is lost, as when the machine dies. */
  crash(): Promise<void>;
  /** Recovers what was on disk. */
  start(): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

export async function startPrivatePostgres(): Promise<PrivatePostgres> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-postgres-'));
  // The account that the server runs under has to get there.
  chmodSync(directory, 0o755);
  const dataDir = path.join(directory, 'postgres');
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  return {
    url: (database) => server.url(database),
    async crash() {
      const file = path.join(server.home, 'data', 'postmaster.pid');
      process.kill(Number(readFileSync(file, 'utf8').split('\n', 1)[0]), 'SIGQUIT');
      await server.exited;
    },
    async start() {
      server = await startEmbeddedPostgres({ dataDir });
    },
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
