import { type BackendFactory, Queue } from 'bullmq';
import pg from 'pg';
import type { Backend } from '../backend.ts';
import { answered } from '../errors/answered.ts';
import { JobWorker } from '../jobWorker.ts';
import { processName } from '../names.ts';
import { prepareSchema } from './prepareSchema.ts';
import { schemaBackend } from './schemaBackend.ts';
import { schemaName } from './schemaName.ts';

/** Connections of one process for questions and moves; each consumer holds one more, on which it listens for new jobs. */
const CONNECTIONS = 8;

export interface PostgresBackendOptions {
  readonly url: string;
  readonly prefix: string;
  /** The app, as pg_stat_activity is to show it. */
  readonly clientName: string;
  readonly onError: (error: unknown) => void;
}

/**
 * BullMQ's tables in a schema of their own, and one pool for all queues and workers of the process.
 * @throws UnavailableError when the server does not answer within 10 s.
 */
export async function openPostgres({ url, prefix, clientName, onError }: PostgresBackendOptions): Promise<Backend> {
  const schema = schemaName(prefix);
  const name = processName(`${clientName}:queue`);
  // Another process may be holding the lock while it migrates.
  await answered('be opened', prepareSchema(url, schema, name), 30_000);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    options: `-c search_path=${schema}`,
    max: CONNECTIONS,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', onError);
  // Also while a client is in use: a connection that breaks then would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  // Every queue and worker listens for the pool's errors.
  pool.setMaxListeners(0);
  const factory = schemaBackend(pool, schema) as unknown as BackendFactory;

  return {
    kind: 'postgres',
    queue: (name) => new Queue(name, { connection: pool }, factory as unknown as undefined),
    worker(name, process, options) {
      pool.options.max += 1;
      const worker = new JobWorker(name, process, { ...options, connection: pool }, factory);
      worker.once('closed', () => {
        pool.options.max -= 1;
      });
      return worker;
    },
    async unfinished(queue, ids) {
      const text = `select id from job where queue = $1 and id = any($2) and state not in ('completed', 'failed')`;
      const { rows } = await pool.query<{ id: string }>(text, [queue.name, ids]);
      return new Set(rows.map((row) => row.id));
    },
    async behindOthers(job, token) {
      const text = `update job set seq = nextval('job_seq') where queue = $1 and id = $2 and state = 'active' and lock_token = $3`;
      await pool.query(text, [job.queueName, job.id, token]);
    },
    async exclusively(work) {
      const client = await pool.connect();
      try {
        await client.query(`select pg_advisory_lock(hashtextextended($1, 1))`, [`reindeer ${schema}`]);
        return await work();
      } finally {
        // Ends the session, and with it the lock, also when its connection is broken.
        client.release(true);
      }
    },
    async epoch() {
      try {
        const { rows } = await pool.query<{ epoch: string }>('select epoch from reindeer_epoch');
        return rows[0]?.epoch ?? null;
      } catch (error) {
        // The table went with the schema, as the key goes with the rest of a Redis.
        if (error instanceof Error && 'code' in error && error.code === '42P01') return null;
        throw error;
      }
    },
    async setEpoch(epoch) {
      await prepareSchema(url, schema, name);
      const text =
        'insert into reindeer_epoch (epoch) values ($1) on conflict (singleton) do update set epoch = excluded.epoch';
      await pool.query(text, [epoch]);
    },
    async ping() {
      await pool.query('select 1');
    },
    health: async () => [],
    close: () => pool.end(),
  };
}
