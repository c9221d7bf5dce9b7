import type pg from 'pg';
import { expect } from 'vitest';
import { searchClient } from '../../integration/connectors/searchClient.ts';
import { type Deployment, deploy, lastJson, type Running } from '../../support/deployment.ts';
import { freshPrefix } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';
import { until } from '../../support/until.ts';
import { KEYS } from './writeItems.ts';

/** Urls of databases. Where none is given it is one of the run's own server, the same for all. */
export interface ItemServers {
  readonly source?: string;
  readonly ledger?: string;
  readonly sink?: string;
  /** Of an OpenSearch, to which a second index goes; null: there is none. */
  readonly search: string | null;
}

interface Standing {
  readonly index: string;
  readonly passed: boolean;
  readonly owed: boolean;
}

type Documents = ReadonlyMap<string, string>;

/** A table of items, followed by an index in each sink, and the processes of a deployment: a scheduler and two workers. */
export class ItemIndexes {
  /** Of the source and the ledger. */
  readonly source: pg.Pool;
  readonly ledger: pg.Pool;
  readonly d: Deployment;
  readonly inDatabase = freshPrefix('items').replaceAll('-', '_');
  readonly inSearch: string | null;
  readonly #sink: pg.Pool;
  readonly #searchUrl: string;
  readonly #apps: Running[] = [];

  private constructor(d: Deployment, { source, sink, search }: ItemServers) {
    this.d = d;
    this.source = testPool(source ?? d.databaseUrl, { max: 4 });
    this.ledger = testPool(d.databaseUrl);
    this.#sink = testPool(sink ?? d.databaseUrl);
    this.inSearch = search === null ? null : freshPrefix('found').replaceAll('-', '_');
    this.#searchUrl = search ?? '';
  }

  static async start(name: string, servers: ItemServers): Promise<ItemIndexes> {
    const { ledger } = servers;
    const given = ledger === undefined ? undefined : { url: ledger, drop: async () => {} };
    const one = new ItemIndexes(await deploy(name, 'redis', undefined, given), servers);
    await one.#start(servers);
    return one;
  }

  async #start({ source, sink }: ItemServers): Promise<void> {
    const { d } = this;
    await this.source.query(`create table item (id bigint primary key, title text not null)`);
    await this.source.query(
      `insert into item select n, 'first ' || n from generate_series(1, ${KEYS}) n where n % 3 <> 0`,
    );
    const index = (to: string) => `{
      source: { connection: 'shop', table: 'public.item', key: ['id'], changes: 'log' }, sink: ${to},
      transform: (row) => ({ id: row.id, title: row.title }), shards: 2, incremental: { every: '100ms' },
      rebuild: { every: '6s', slices: 4, maxLag: '10s', soak: '1h' }, refresh: { every: '5s' }, errors: { maxFailed: 0 } }`;
    const search = `{ connection: 'search', mappings: { dynamic: false }, settings: { number_of_replicas: 0 } }`;
    const postgres = (url = d.databaseUrl) => `{ kind: 'postgres', url: '${url}' }`;
    const more = this.inSearch === null ? '' : `, search: { kind: 'opensearch', url: '${this.#searchUrl}' }`;
    await d.configure(
      `{ '${this.inDatabase}': ${index(`{ connection: 'found' }`)}${this.inSearch === null ? '' : `, '${this.inSearch}': ${index(search)}`} }`,
      `connections: { shop: ${postgres(source)}, found: ${postgres(sink)}${more} },
       worker: { lease: '5s', batchTimeout: '6s' },`,
    );
    const migrated = await d.reindeer(['migrate', '--source']);
    expect(migrated.code, migrated.stderr).toBe(0);
    this.#apps.push(await d.start('scheduler'), await d.start('worker'), await d.start('worker'));
    await until('all indexes are live', async () => (await this.#standings()).length === this.#count);
  }

  get #count(): number {
    return this.inSearch === null ? 1 : 2;
  }

  /** What is live holds the table's rows, and nothing else. */
  async expectEqual(): Promise<void> {
    const { rows } = await this.source.query<{ id: string; title: string }>('select id, title from item');
    const expected = new Map(rows.map(({ id, title }) => [id, title]));
    expect(await this.#documentsInDatabase()).toEqual(expected);
    if (this.inSearch !== null) expect(await this.#documentsInSearch(this.inSearch)).toEqual(expected);
  }

  async untilEqual(withinMs: number): Promise<void> {
    const isEqual = () => this.expectEqual().then(() => true);
    await until('what is live is what the table is', isEqual, withinMs).catch((error: unknown) => this.#explain(error));
  }

  /** What `doctor` finds that somebody would have to do something about, or that is past. */
  async problems(): Promise<readonly string[]> {
    const found = lastJson<{ severity: string; code: string; message: string }[]>(
      await this.d.reindeer(['doctor', '--json']),
    );
    const wrong = found.filter(({ severity, code }) => severity === 'critical' || code === 'source-timeline');
    return wrong.map(({ code, message }) => `${code}: ${message}`);
  }

  async #documentsInDatabase(): Promise<Documents> {
    const { rows } = await this.#sink.query<{ id: string; title: string }>(
      `select id, body ->> 'title' as title from ${this.inDatabase}`,
    );
    return new Map(rows.map(({ id, title }) => [id, title]));
  }

  async #documentsInSearch(index: string): Promise<Documents> {
    const search = searchClient(this.#searchUrl);
    await search('POST', `${index}/_refresh`);
    const { hits } = await search('POST', `${index}/_search`, { size: 2 * KEYS });
    return new Map(
      hits.hits.map(({ _id, _source }: { _id: string; _source: { title: string } }) => [_id, _source.title]),
    );
  }

  /** What was committed by now is in what is live, and no refresh is owed. */
  async caughtUp(): Promise<void> {
    const at = await this.now();
    await until('what is live is caught up', async () => {
      const now = await this.#standings(at);
      return now.length === this.#count && now.every(({ passed, owed }) => passed && !owed);
    }).catch((error: unknown) => this.#explain(error));
  }

  /** Each index is built anew by a rebuild that begins from now on. */
  async rebuilt(): Promise<void> {
    const at = await this.now();
    await until('each index is built anew', async () => {
      const { rows } = await this.ledger.query<{ index: string }>(
        `select distinct index from reindeer.runs where lane = 'rebuild' and status = 'completed' and created_at > $1`,
        [at],
      );
      return rows.length === this.#count;
    }).catch((error: unknown) => this.#explain(error));
  }

  /** The ledger's time, as soon as it answers. */
  async now(): Promise<string> {
    const { at } = await until('the ledger answers', () =>
      this.ledger.query<{ at: string }>('select clock_timestamp()::text as at').then(
        ({ rows }) => rows[0] ?? false,
        () => false,
      ),
    );
    return at;
  }

  expectAlive(): void {
    for (const app of this.#apps) expect(app.process.exitCode, app.output().slice(-2_000)).toBeNull();
  }

  async close(): Promise<void> {
    await Promise.all([this.source.end(), this.ledger.end(), this.#sink.end()]);
    await this.d.close();
    if (this.inSearch !== null) await searchClient(this.#searchUrl)('DELETE', `${this.inSearch},${this.inSearch}_g*`);
  }

  async #standings(since = '-infinity'): Promise<readonly Standing[]> {
    const { rows } = await this.ledger.query<Standing>(
      `select g.index, c.passed_at > $1 as passed,
              exists (select from reindeer.owed_refreshes o where o.generation = g.generation and o.discharged_at is null) as owed
         from reindeer.generations g join reindeer.consumers c on c.generation = g.generation and c.log = 'source'
        where g.state = 'live'`,
      [since],
    );
    return rows;
  }

  /** With what keeps the indexes from getting there. */
  async #explain(cause: unknown): Promise<never> {
    const { rows: runs } = await this.ledger.query(
      `select r.index, r.run, r.lane, r.shard, r.status, r.phase, r.reason, r.error, r.created_at,
              (select jsonb_agg(jsonb_build_object('task', t.kind || ' ' || t.number, 'status', t.status, 'not_before', t.not_before,
                 'error', t.error, 'waits', t.waits_for)) from reindeer.tasks t where t.run = r.run) as tasks
         from reindeer.runs r where r.finished_at is null or r.lane in ('rebuild', 'refresh') and r.status <> 'completed'
        order by run`,
    );
    const { rows: decisions } = await this.ledger.query(
      `select * from (select distinct on (index, lane, reason) * from reindeer.decisions order by index, lane, reason, 1 desc) d`,
    );
    const { rows: consumers } = await this.ledger.query(
      `select g.index, g.name, g.state, g.stale_reason, c.log, c.position, c.echoed, c.passed_at, c.invalid_reason
         from reindeer.generations g left join reindeer.consumers c using (generation) where g.state <> 'dropped' order by g.generation`,
    );
    const { rows: owed } = await this.ledger.query(`select * from reindeer.owed_refreshes where discharged_at is null`);
    const said = this.#apps.map((app) => app.output().slice(-4_000)).join('\n---\n');
    const lines = [...runs, ...decisions, ...consumers, ...owed].map((row) => JSON.stringify(row));
    throw new Error(`${String(cause)}\n${lines.join('\n')}\n${said}`, { cause });
  }
}
