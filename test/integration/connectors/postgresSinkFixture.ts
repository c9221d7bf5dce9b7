import type { Operation } from '@reindeer/core';
import type pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { openPostgresSink } from '../../../packages/connectors/src/postgres-sink/index.ts';
import type { GenerationMetadata, GenerationRef, Sink } from '../../../packages/connectors/src/sink.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';

export interface PostgresSinkFixture {
  readonly signal: AbortSignal;
  readonly database: () => FreshDatabase;
  /** A person's own way to the server. */
  readonly pool: () => pg.Pool;
  /** A sink, closed at the end, in the database or at a url of its own. */
  open(mappings?: Record<string, unknown>, settings?: Record<string, unknown>, url?: string): Sink;
  /** Closes one before the end. */
  close(sink: Sink): Promise<void>;
  metadata(index: string, number?: number): GenerationMetadata;
  put(id: string, body: unknown, ticket?: number): Operation;
  /** A generation that holds these, settled. */
  fill(sink: Sink, index: string, number: number, documents: readonly Operation[]): Promise<GenerationRef>;
  /** The first value of the first row. */
  one<T>(sql: string, values?: unknown[]): Promise<T>;
}

/** For tests of the PostgreSQL sink alone, in a database of their own. */
export function usePostgresSink(name: string): PostgresSinkFixture {
  const { signal } = new AbortController();
  const sinks = new Set<Sink>();
  let database: FreshDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await freshDatabase(name);
    pool = testPool(database.url);
  });
  afterAll(async () => {
    await Promise.all([...sinks].map((sink) => sink.close()));
    await pool.end();
    await database.drop();
  });
  const metadata = (index: string, number = 1): GenerationMetadata => {
    return { index, name: `${index}_g${number}_k3f9`, nonce: 'k3f9', number, definition: 1, ticketBound: 1 };
  };
  return {
    signal,
    database: () => database,
    pool: () => pool,
    open: (mappings = {}, settings = {}, url = database.url) => {
      const definition = { connection: 'search', mappings, settings };
      const sink = openPostgresSink({ connection: { name: 'search', url }, definition });
      sinks.add(sink);
      return sink;
    },
    close: async (sink) => {
      sinks.delete(sink);
      await sink.close();
    },
    metadata,
    put: (id, body, ticket = 10) => {
      return { kind: 'index', id, ticket, shard: 0, bucket: 0, body: JSON.stringify(body), f1: 1, f2: 2 };
    },
    fill: async (sink, index, number, documents) => {
      const generation = await sink.createGeneration(metadata(index, number), signal);
      await sink.write(generation, documents, signal);
      await sink.settle(generation, signal);
      return generation;
    },
    one: async <T>(sql: string, values: unknown[] = []): Promise<T> => {
      const { rows } = await pool.query({ text: sql, values, rowMode: 'array' });
      return rows[0]?.[0] as T;
    },
  };
}
