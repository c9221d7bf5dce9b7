import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResolvedConfig } from '@reindeer/config';
import { type EmbeddedPostgres, findEmbeddedPostgres, startEmbeddedPostgres } from '../embedded/index.ts';
import type { LocalSettings } from './localSettings.ts';

/** The configuration that `reindeer demo` runs. */
export const DEMO_CONFIG = fileURLToPath(new URL('../demo/reindeer.config.ts', import.meta.url));
const DEMO_DATA = fileURLToPath(new URL('../../../../.reindeer/demo', import.meta.url));

type Urls = Pick<LocalSettings, 'ledgerUrl' | 'queueUrl' | 'connectionUrls'>;

/** Where the embedded server of a configuration keeps its data: `.reindeer` beside the file. */
export function dataDirOf(configPath: string): string {
  return configPath === DEMO_CONFIG ? DEMO_DATA : path.join(path.dirname(configPath), '.reindeer', 'postgres');
}

/** Does the configuration leave a url open? */
export function needsEmbedded(config: ResolvedConfig): boolean {
  return (
    config.ledger.url === null ||
    config.queue.url === null ||
    Object.values(config.connections).some((connection) => connection.url === null)
  );
}

/** Starts it where something has no url; null where everything has one. */
export async function startEmbeddedFor(
  config: ResolvedConfig,
  signal: AbortSignal,
): Promise<(EmbeddedPostgres & { readonly urls: Urls }) | null> {
  if (!needsEmbedded(config)) return null;
  const server = await startEmbeddedPostgres({ dataDir: dataDirOf(config.path), signal });
  try {
    return { ...server, urls: await urlsOn(server, config) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The urls of the server that a `reindeer dev` or `demo` of this configuration runs now; null when none does. */
export async function findEmbeddedFor(config: ResolvedConfig): Promise<Urls | null> {
  if (!needsEmbedded(config)) return null;
  const server = await findEmbeddedPostgres(dataDirOf(config.path));
  return server && (await urlsOn(server, config));
}

/** A database for each thing that has no url, so that none is in the way of another. */
async function urlsOn(server: EmbeddedPostgres, config: ResolvedConfig): Promise<Urls> {
  const connectionUrls: Record<string, string> = {};
  for (const { name, url } of Object.values(config.connections))
    if (url === null) connectionUrls[name] = await server.url(`connection_${name}`);
  return {
    ledgerUrl: config.ledger.url ?? (await server.url('reindeer_ledger')),
    queueUrl: config.queue.url ?? (await server.url('reindeer_queue')),
    connectionUrls,
  };
}
