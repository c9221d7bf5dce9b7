import { type BackendFactory, PostgresConnection, type PostgresConnectionOptions, PostgresQueueBackend } from 'bullmq';
import type pg from 'pg';

/** With a pool BullMQ takes its default schema for granted, and would look for its tables there before naming its connection. */
class SchemaConnection extends PostgresConnection {
  override readonly schema: string;

  constructor(pool: PostgresConnectionOptions, schema: string) {
    super(pool);
    this.schema = schema;
  }
}

/** Makes BullMQ's backends on one shared pool, in a schema of its own. Workers are named, so that Bull Board lists them. */
export function schemaBackend(
  pool: pg.Pool,
  schema: string,
): BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> {
  // BullMQ describes the few members of a pool that it uses, with looser types than pg's own.
  const connection = pool as unknown as PostgresConnectionOptions;
  return (name, options, { withBlockingConnection = false } = {}) => {
    const worker = 'name' in options && typeof options.name === 'string' ? `:w:${options.name}` : '';
    const listener = withBlockingConnection ? `${name}${worker}` : undefined;
    return new PostgresQueueBackend(new SchemaConnection(connection, schema), name, options, true, listener);
  };
}
