import path from 'node:path';
import { startEmbeddedPostgres } from '../../apps/cli/src/embedded/index.ts';
import type { TestServer } from './testServer.ts';

/** One PostgreSQL for the whole run: the environment's, else the one that npm installed. */
export async function startPostgres(directory: string): Promise<TestServer> {
  const given = process.env.REINDEER_TEST_POSTGRES_URL ?? process.env.POSTGRES_URL;
  if (given) return { url: given, origin: 'the environment', stop: async () => undefined };
  const server = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), durable: false });
  return { url: await server.url('postgres'), origin: 'npm (embedded)', stop: server.stop };
}
