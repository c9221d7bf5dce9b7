import { randomBytes } from 'node:crypto';
import { type Connections, openConnections } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import { applyConfiguration, type Ledger, migrateLedger, openLedger, query } from '@reindeer/ledger';
import type pg from 'pg';
import { searchClient } from '../integration/connectors/searchClient.ts';
import type { SinkKind } from '../integration/inPlace/fixture.ts';
import { booksDefinition } from '../support/booksDefinition.ts';
import type { FreshDatabase } from '../support/servers.ts';
import { testPool } from '../support/testPool.ts';
import type { Text } from './History.ts';
import { LEFT_OUT } from './habits.ts';

/** How long a request to the sink may be under way, and a worker without a sign of life is taken to live. */
export const REQUEST_TIMEOUT_MS = 2_000;
export const LEASE_MS = 100;

/**
 * Keeps since when a generation may lack nothing when a promotion's gate let it go: the beginning of its last pass, and
 * never before it was settled, or before a person asked.
 */
const NOTE_INTENTS = `
  create table race_intents (run bigint primary key, generation bigint not null, since timestamptz not null);
  create function note_intent() returns trigger language plpgsql as $$ begin
    insert into race_intents
      select new.run, new.generation,
             greatest(c.passed_at, case when new.lane = 'promote' then new.created_at else g.settled_at end)
        from generations g left join consumers c on c.generation = g.generation and c.log = 'source'
       where g.generation = new.generation
      on conflict do nothing;
    return new;
  end $$;
  create trigger note_intent after update on runs for each row
    when (new.phase = 'promoting' and old.phase is distinct from new.phase) execute function note_intent()`;

export interface Found {
  readonly text: string;
  /** The number of the definition that made the document. */
  readonly definition: number;
}

/** One followed table, its index, and the ledger of that index alone. */
export class Deployment {
  readonly name: string;
  readonly sink: SinkKind;
  readonly ledger: Ledger;
  readonly connections: Connections;
  readonly application: pg.Pool;
  readonly table: string;
  readonly #searchUrl: string;
  #definition: IndexDefinition;
  #number = 0;

  private constructor(database: FreshDatabase, sink: SinkKind, searchUrl: string | null) {
    this.name = `race_${randomBytes(4).toString('hex')}`;
    this.sink = sink;
    this.table = `public.${this.name}_rows`;
    this.#searchUrl = searchUrl ?? '';
    const { url } = database;
    this.ledger = openLedger({ url, schema: `${this.name}_ledger`, maxConnections: 6 });
    this.connections = openConnections(
      {
        db: { name: 'db', kind: 'postgres', url },
        ...(searchUrl === null ? {} : { search: { name: 'search', kind: 'opensearch', url: searchUrl } }),
      },
      { maxConnections: 4 },
    );
    this.application = testPool(url, { max: 4, options: '-c deadlock_timeout=20ms -c lock_timeout=1000ms' });
    const { source } = booksDefinition;
    this.#definition = {
      ...booksDefinition,
      name: this.name,
      source: {
        ...source,
        table: { schema: 'public', name: `${this.name}_rows` },
        changes: 'log',
        log: { ...source.log, schema: `${this.name}_log` },
      },
      sink: {
        connection: sink === 'postgres' ? 'db' : 'search',
        mappings: sink === 'postgres' ? {} : { dynamic: false },
        settings: sink === 'postgres' ? {} : { number_of_replicas: 0 },
      },
      shards: 3,
      incremental: { everyMs: 40 },
      errors: { maxFailed: 0, maxFailedShare: 0 },
    };
  }

  static async open(database: FreshDatabase, sink: SinkKind, searchUrl: string | null): Promise<Deployment> {
    const deployment = new Deployment(database, sink, searchUrl);
    await migrateLedger(deployment.ledger);
    await deployment.sql(NOTE_INTENTS);
    await deployment.application.query(`create table ${deployment.table} (id bigint primary key, title text not null)`);
    await deployment.application.query(
      `insert into ${deployment.table} select n, 'first ' || n from generate_series(1, 6) n`,
    );
    const definition = await deployment.deploy();
    await deployment.connections.log(definition)?.install(new AbortController().signal);
    return deployment;
  }

  get definition(): IndexDefinition {
    return this.#definition;
  }

  /** The newest definition's number, which each document that it made carries. */
  get number(): number {
    return this.#number;
  }

  /** Applies a new definition, as a scheduler does at its start. */
  async deploy(): Promise<IndexDefinition> {
    this.#number += 1;
    const definition = this.#number;
    const fingerprint = `definition ${definition}`;
    this.#definition = {
      ...this.#definition,
      fingerprint,
      transform: ({ title }) => (title === LEFT_OUT ? null : { title, definition }),
    };
    await applyConfiguration(this.ledger, {
      fingerprint,
      appliedBy: 'test',
      indexes: [{ name: this.name, fingerprint, revision: null, definition: {} }],
      force: true,
    });
    return this.#definition;
  }

  sql<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return query<R>(this.ledger, text, values);
  }

  /** What the table says now, by id; what is left out has no text. */
  async rows(): Promise<Map<string, Text>> {
    const { rows } = await this.application.query<{ id: string; title: string }>(`select id, title from ${this.table}`);
    return new Map(rows.map(({ id, title }) => [id, title === LEFT_OUT ? null : title]));
  }

  /** What a generation holds now, past Reindeer: all of it where no keys are given. */
  async documents(generation: string, keys: readonly string[] = []): Promise<Map<string, Found>> {
    if (this.sink === 'postgres') {
      const { rows } = await this.application.query<{ id: string; text: string; definition: number }>(
        `select id, body ->> 'title' as text, (body ->> 'definition')::int as definition from public.${generation} where not deleted`,
      );
      return new Map(rows.map(({ id, text, definition }) => [id, { text, definition }]));
    }
    const search = searchClient(this.#searchUrl);
    // By their ids nothing needs to be made searchable, which is what a listing of Reindeer's has to ask for.
    const found =
      keys.length === 0 ? await this.#all(generation) : await search('POST', `${generation}/_mget`, { ids: keys });
    return new Map(
      (keys.length === 0 ? found.hits.hits : found.docs.filter((one: { found: boolean }) => one.found)).map(
        ({ _id, _source }: { _id: string; _source: { title: string; definition: number } }) => [
          _id,
          { text: _source.title, definition: _source.definition },
        ],
      ),
    );
  }

  async #all(generation: string) {
    const search = searchClient(this.#searchUrl);
    await search('POST', `${generation}/_refresh`);
    return search('POST', `${generation}/_search`, { size: 1_000 });
  }

  async close(): Promise<void> {
    await this.connections.close();
    if (this.sink === 'opensearch') await searchClient(this.#searchUrl)('DELETE', `${this.name},${this.name}_g*`);
    await this.application.end();
    await this.ledger.close();
  }
}
