import type { SinkDefinition } from '@reindeer/core';
import type { Pool } from 'pg';
import type { Sink } from '../sink.ts';
import { bodies } from './bodies.ts';
import { check } from './check.ts';
import { createGeneration } from './createGeneration.ts';
import type { SinkDatabase } from './database.ts';
import { digest } from './digest.ts';
import { drop } from './drop.ts';
import { countDocuments, reserve } from './generation.ts';
import { listIds } from './ids.ts';
import { incarnation } from './incarnation.ts';
import { list } from './list.ts';
import { live } from './live.ts';
import { openSinkPool } from './openSinkPool.ts';
import { probe } from './probe.ts';
import { promote } from './promote.ts';
import { purge } from './purge.ts';
import { search } from './search.ts';
import { resolveSinkSettings } from './settings.ts';
import { settle } from './settle.ts';
import { stored } from './stored.ts';
import { write } from './write.ts';

/** One statement's memory on the server is several times its size; larger batches are no faster. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

export interface PostgresSinkOptions {
  /** The connection's name in the configuration, for messages, and postgres://… */
  readonly connection: { readonly name: string; readonly url: string };
  readonly definition: SinkDefinition;
  /** Made by `openSinkPool`, shared with others, and ended by whoever made it. Default: one of its own, of 4 connections. */
  readonly pool?: Pool;
}

/**
 * Full-text search in PostgreSQL: a table per generation, and a view with the index's name that reads the live one.
 * Connects on first use.
 * @throws InputError when the definition's `mappings` or `settings` are not right
 */
export function openPostgresSink(options: PostgresSinkOptions): Sink {
  const settings = resolveSinkSettings(options.definition);
  const pool = options.pool ?? openSinkPool(options.connection.url);
  const database: SinkDatabase = { connection: options.connection.name, schema: settings.schema, pool };
  return {
    capabilities: { versions: true, atomicSwap: true, maxBatchBytes: MAX_BATCH_BYTES, adopts: false },
    check: (index, signal) => check(database, settings, index, signal),
    createGeneration: (metadata, signal) => createGeneration(database, settings, metadata, signal),
    reserve: (generation, bound, signal) => reserve(database, generation, bound, signal),
    write: (generation, operations, signal) => write(database, generation, operations, signal),
    settle: (generation, signal) => settle(database, generation, signal),
    count: (generation, signal) => countDocuments(database, generation, signal),
    live: (index, signal) => live(database, index, signal),
    promote: (to, expected, signal) => promote(database, to, expected, signal),
    drop: (generation, signal) => drop(database, generation, signal),
    stored: (generation, ids, signal) => stored(database, generation, ids, signal),
    bodies: (generation, ids, signal) => bodies(database, generation, ids, signal),
    ids: (generation, selection, limit, signal) => listIds(database, generation, selection, limit, signal),
    digest: (generation, shard, bits, signal) => digest(database, generation, shard, bits, signal),
    edited: () => nothingTells(),
    probe: (generation, query, limit, signal) => probe(database, generation, query, limit, signal),
    incarnation: (generation, signal) => incarnation(database, generation, signal),
    purge: (generation, signal) => purge(database, generation, signal),
    list: (index, signal) => list(database, index, signal),
    search: (index, query, limit, signal) => search(database, index, query, limit, signal),
    close: async () => {
      if (options.pool === undefined) await pool.end();
    },
  };
}

/** A hand's update keeps version and stamp: only the bodies can tell. */
async function* nothingTells(): AsyncGenerator<readonly number[], void, undefined> {}
