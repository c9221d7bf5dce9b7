import { runMigrations } from 'bullmq';
import pg from 'pg';

/**
 * Makes or updates BullMQ's tables, and the one row of the epoch beside them. Processes that start together agree:
 * BullMQ's migration holds an advisory lock of the schema, and so does the second statement.
 */
export async function prepareSchema(url: string, schema: string, applicationName: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: applicationName,
  });
  // A connection that breaks between two statements makes the next one fail; unheard, the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client, schema);
    await client.query(`
      begin;
      select pg_advisory_xact_lock(hashtextextended('reindeer ${schema}', 0));
      create table if not exists "${schema}".reindeer_epoch (singleton boolean primary key default true check (singleton), epoch text not null);
      commit`);
  } finally {
    await client.end();
  }
}
