import pg from 'pg';
import { EMBEDDED_USER } from './cluster.ts';
import type { Secrets } from './place.ts';

export function embeddedUrl(secrets: Secrets, database: string): string {
  return `postgres://${EMBEDDED_USER}:${secrets.password}@127.0.0.1:${secrets.port}/${encodeURIComponent(database)}`;
}

/** Makes the database unless it is there: PostgreSQL has no CREATE DATABASE IF NOT EXISTS. */
export async function ensureDatabase(secrets: Secrets, database: string): Promise<void> {
  await withClient(secrets, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount !== 0) return;
    try {
      await client.query(`create database ${pg.escapeIdentifier(database)}`);
    } catch (cause) {
      const code = (cause as { code?: string }).code;
      // Another process was quicker: it says duplicate_database, or unique_violation when both were at it.
      if (code !== '42P04' && code !== '23505') throw cause;
    }
  });
}

/** How the server answers: `ready`, `busy` (starting or stopping), or `silent`. */
export async function probe(secrets: Secrets): Promise<'ready' | 'busy' | 'silent'> {
  try {
    await withClient(secrets, (client) => client.query('select 1'));
    return 'ready';
  } catch (cause) {
    return (cause as { code?: string }).code === '57P03' ? 'busy' : 'silent';
  }
}

async function withClient<T>(secrets: Secrets, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: embeddedUrl(secrets, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
