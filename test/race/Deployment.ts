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
export const REQUEST_TIMEOUT_MS = 3_000;
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

/** The shelf whose label is a part of the document: another with most changes of the text. */
export function shelfOf(text: string): string {
  return String(text.charCodeAt(text.length - 1) % 2);
}

const SHELF_SQL = 'ascii(right(title, 1)) % 2';

export interface Row {
  readonly text: Text;
  /** Of its shelf; null where there is none. */
  readonly label: string | null;
}

export interface Found extends Row {
  readonly text: string;
  /** The number of the definition that made the document. */
  readonly definition: number;
}

/** One followed table, its index, and the ledger of that index alone. */
export class Deployment {
  readonly name: string;
  readonly sink: SinkKind;
  /** The table of labels that documents are made of too, each of them in many (rule 4); null: of rows alone. */
  readonly shelves: string | null;
  readonly ledger: Ledger;
  readonly connections: Connections;
  readonly application: pg.Pool;
  readonly table: string;
  readonly #searchUrl: string;
  #definition: IndexDefinition;
  #number = 0;

  private constructor(database: FreshDatabase, sink: SinkKind, searchUrl: string | null, joined: boolean) {
    this.name = `race_${randomBytes(4).toString('hex')}`;
    this.sink = sink;
    this.table = `public.${this.name}_rows`;
    this.shelves = joined ? `public.${this.name}_shelves` : null;
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
        ...(joined ? this.#joined() : { table: { schema: 'public', name: `${this.name}_rows` } }),
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

  /** What is read where documents are made of both tables. */
  #joined() {
    const { name, table, shelves } = this;
    return {
      table: null,
      query: `select r.id, r.title, s.label from ${table} r left join ${shelves} s on s.shelf = ${SHELF_SQL}`,
      dependencies: [
        {
          name: table,
          table: { schema: 'public', name: `${name}_rows` },
          key: ['id'],
          keys: 'select $1::bigint as id',
        },
        {
          name: `${shelves}`,
          table: { schema: 'public', name: `${name}_shelves` },
          key: ['shelf'],
          keys: `select id from ${table} where ${SHELF_SQL} = $1::int`,
        },
      ],
    };
  }

  static async open(
    database: FreshDatabase,
    sink: SinkKind,
    searchUrl: string | null,
    joined: boolean,
  ): Promise<Deployment> {
    const deployment = new Deployment(database, sink, searchUrl, joined);
    await migrateLedger(deployment.ledger);
    await deployment.sql(NOTE_INTENTS);
    await deployment.application.query(`create table ${deployment.table} (id bigint primary key, title text not null)`);
    await deployment.application.query(
      `insert into ${deployment.table} select n, 'first ' || n from generate_series(1, 6) n`,
    );
    if (deployment.shelves !== null) {
      await deployment.application.query(`create table ${deployment.shelves} (shelf int primary key, label text)`);
    }
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
      transform: ({ title, label = null }) => (title === LEFT_OUT ? null : { title, label, definition }),
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

  /** What the tables say now, by id; what is left out has no text. */
  async rows(): Promise<Map<string, Row>> {
    const { shelves, table } = this;
    const from =
      shelves === null
        ? `null as label from ${table}`
        : `label from ${table} left join ${shelves} on shelf = ${SHELF_SQL}`;
    const { rows } = await this.application.query<{ id: string; title: string; label: string | null }>(
      `select id, title, ${from}`,
    );
    return new Map(
      rows.map(({ id, title, label }) => [
        id,
        title === LEFT_OUT ? { text: null, label: null } : { text: title, label },
      ]),
    );
  }

  /** What the shelves' labels are now; none where documents are made of rows alone. */
  async labels(): Promise<Map<string, Text>> {
    if (this.shelves === null) return new Map();
    const { rows } = await this.application.query<{ shelf: number; label: string }>(
      `select shelf, label from ${this.shelves}`,
    );
    return new Map(rows.map(({ shelf, label }) => [String(shelf), label]));
  }

  /** What a generation holds now, past Reindeer: all of it where no keys are given. */
  async documents(generation: string, keys: readonly string[] = []): Promise<Map<string, Found>> {
    if (this.sink === 'postgres') {
      const { rows } = await this.application.query<Found & { id: string }>(
        `select id, body ->> 'title' as text, body ->> 'label' as label, (body ->> 'definition')::int as definition
           from public.${generation} where not deleted`,
      );
      return new Map(rows.map(({ id, ...found }) => [id, found]));
    }
    const search = searchClient(this.#searchUrl);
    // By their ids nothing needs to be made searchable, which is what a listing of Reindeer's has to ask for.
    const found =
      keys.length === 0 ? await this.#all(generation) : await search('POST', `${generation}/_mget`, { ids: keys });
    return new Map(
      (keys.length === 0 ? found.hits.hits : found.docs.filter((one: { found: boolean }) => one.found)).map(
        ({ _id, _source: { title, label, definition } }: { _id: string; _source: Found & { title: string } }) => [
          _id,
          { text: title, label, definition },
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
