import { setTimeout as wait } from 'node:timers/promises';
import { searchClient } from '../../integration/connectors/searchClient.ts';
import type { Random } from '../../race/Random.ts';
import { type Deployment, deploy, type Running } from '../../support/deployment.ts';
import { freshPrefix } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

export interface LoadSettings {
  readonly sink: 'postgres' | 'opensearch';
  readonly changes: 'log' | 'modified-column';
  readonly searchUrl: string | null;
  readonly keys: number;
  readonly random: Random;
}

const WORKERS = 3;
const SHARDS = 3;

/** A worker that shares the machine with other tests needs longer to get anywhere. */
const SLOWNESS = process.env.CI ? 2 : 1;

/** One followed table, its index, and the processes of a deployment: one scheduler and three workers. */
export class LoadDeployment {
  readonly index = freshPrefix('items').replaceAll('-', '_');
  readonly d: Deployment;
  readonly #settings: LoadSettings;
  readonly #workers: Running[] = [];
  kills = 0;

  private constructor(d: Deployment, settings: LoadSettings) {
    this.d = d;
    this.#settings = settings;
  }

  static async open(settings: LoadSettings): Promise<LoadDeployment> {
    const one = new LoadDeployment(await deploy('load', 'redis'), settings);
    await one.d.db.query(
      `create table item (id bigint primary key, title text not null, updated_at timestamptz not null default clock_timestamp());
       create index on item (updated_at);
       create sequence version;
       create function stamp() returns trigger language plpgsql as $$
       begin new.updated_at := clock_timestamp(); return new; end $$;
       create trigger stamp before insert or update on item for each row execute function stamp();
       insert into item (id, title) select g, 'first ' || g from generate_series(1, ${settings.keys * 2}) g where g % 3 <> 0`,
    );
    return one;
  }

  /** Everything at once, every few seconds; leases and limits are short, so that a death is found out within the test. */
  async start(): Promise<void> {
    const { sink, changes, searchUrl } = this.#settings;
    const { d, index } = this;
    const toSearch = sink === 'opensearch';
    const followed = changes === 'log' ? `changes: 'log'` : `changes: 'modified-column', modified: 'updated_at'`;
    await d.configure(
      `{ '${index}': {
        source: { connection: 'db', table: 'public.item', key: ['id'], columns: ['id', 'title'], ${followed} },
        sink: { connection: '${toSearch ? 'search' : 'db'}',
          mappings: ${toSearch ? '{ dynamic: false }' : '{}'}, settings: ${toSearch ? '{ number_of_replicas: 0 }' : '{}'} },
        transform: (row) => ({ id: row.id, title: row.title }),
        shards: ${SHARDS}, incremental: { every: '100ms' },
        rebuild: { every: '6s', slices: 6, maxLag: '5s', soak: '1h' }, refresh: { every: '5s' },
        errors: { maxFailed: 0 } } }`,
      `connections: { db: { kind: 'postgres', url: '${d.databaseUrl}' }${toSearch ? `, search: { kind: 'opensearch', url: '${searchUrl}' }` : ''} },
       worker: { lease: '5s', batchTimeout: '6s' }, retention: { generations: 3 },`,
    );
    if (changes === 'log') await this.command('migrate', '--source');
    await d.start('scheduler');
    for (let left = WORKERS; left > 0; left -= 1) this.#workers.push(await this.#startWorker());
    await until('the first generation is live', async () => (await this.live()) !== null);
  }

  /**
   * Until the signal: one worker after another is killed, and another one started in its place. What has not come about
   * `withinMs` is let come about: from then on each lives twice as long as the one before.
   */
  async killWorkers(signal: AbortSignal, withinMs: number): Promise<void> {
    const { random } = this.#settings;
    const began = performance.now();
    let slowness = SLOWNESS;
    while (!signal.aborted) {
      if (performance.now() - began > withinMs) slowness *= 2;
      await wait(random.between(1_000, 3_000) * slowness, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const [victim] = this.#workers.splice(random.between(0, this.#workers.length - 1), 1);
      await victim?.kill();
      this.kills += 1;
      this.#workers.push(await this.#startWorker());
    }
  }

  /** As whatever supervises them would: one that finds a server too slow to answer in time ends, and is started again. */
  async #startWorker(tries = 3): Promise<Running> {
    try {
      return await this.d.start('worker');
    } catch (error) {
      if (tries <= 1) throw error;
      return this.#startWorker(tries - 1);
    }
  }

  async command(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.d.reindeer(args);
    if (code !== 0) throw new Error(`reindeer ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  async live(): Promise<string | null> {
    const { rows } = await this.d.db.query<{ name: string }>(
      `select name from reindeer.generations where state = 'live'`,
    );
    return rows[0]?.name ?? null;
  }

  /** Those that are kept current: live and soaking. @throws when one is not kept current any more */
  async followed(): Promise<readonly string[]> {
    const { rows } = await this.d.db.query<{ name: string; stale: string | null }>(
      `select name, stale_reason as stale from reindeer.generations where state in ('live', 'retained') order by generation`,
    );
    for (const { name, stale } of rows) if (stale !== null) throw new Error(`${name} is not kept current: ${stale}`);
    return rows.map(({ name }) => name);
  }

  /**
   * Waits until everything that was committed before `at` has been applied to the generation: a pass has ended that began
   * later, and no refresh is owed. False: it was dropped meanwhile.
   */
  async caughtUp(generation: string, at: string): Promise<boolean> {
    const state = await until(`${generation} is caught up with ${at}`, async () => {
      const { rows } = await this.d.db.query<{ kept: boolean; done: boolean }>(
        `select g.state in ('live', 'retained') as kept,
                  c.passed_at > $2 and not exists (select from reindeer.owed_refreshes o
                     where o.generation = g.generation and o.discharged_at is null) as done
             from reindeer.generations g left join reindeer.consumers c on c.generation = g.generation and c.log = 'source'
            where g.name = $1`,
        [generation, at],
      );
      const [row] = rows;
      return (row?.kept !== true || row.done) && { kept: row?.kept === true };
    });
    return state.kept;
  }

  /** A generation's documents as a search finds them: the body by id. null: it was dropped. */
  async documents(generation: string): Promise<ReadonlyMap<string, { id: unknown; title: string }> | null> {
    if (this.#settings.sink === 'postgres') {
      const { rows: there } = await this.d.db.query(`select to_regclass($1) is not null as is`, [generation]);
      if (there[0]?.is !== true) return null;
      const { rows } = await this.d.db.query<{ id: string; body: { id: unknown; title: string } }>(
        `select id, body from ${generation} where not deleted`,
      );
      return new Map(rows.map(({ id, body }) => [id, body]));
    }
    const search = searchClient(this.#settings.searchUrl ?? '');
    try {
      await search('POST', `${generation}/_refresh`);
      const { hits } = await search('POST', `${generation}/_search`, { size: 10_000, track_total_hits: true });
      if (hits.total.value !== hits.hits.length) throw new Error(`${hits.total.value} documents are too many.`);
      return new Map(
        hits.hits.map(({ _id, _source }: { _id: string; _source: Record<string, unknown> }) => {
          const { _reindeer, ...body } = _source;
          return [_id, body];
        }),
      );
    } catch (error) {
      if (String(error).includes('index_not_found_exception')) return null;
      throw error;
    }
  }

  /** A document that readers of the index get by its id, as soon as it is written. */
  async read(id: number): Promise<string | null> {
    if (this.#settings.sink === 'postgres') {
      const { rows } = await this.d.db.query<{ title: string }>(
        `select body ->> 'title' as title from ${this.index} where id = $1`,
        [String(id)],
      );
      return rows[0]?.title ?? null;
    }
    const answer = await fetch(`${this.#settings.searchUrl}/${this.index}/_doc/${id}`);
    const { found, _source } = (await answer.json()) as { found?: boolean; _source?: { title: string } };
    return found === true ? (_source?.title ?? null) : null;
  }

  /** No rebuild goes on, and none is begun, until `resume`: what is live stays live. */
  async stopRebuilds(): Promise<void> {
    await this.command('pause', this.index, 'rebuild');
    await until('no rebuild goes on', async () => {
      const { rows } = await this.d.db.query(
        `select from reindeer.runs where lane = 'rebuild' and finished_at is null and status <> 'paused'`,
      );
      return rows.length === 0;
    });
  }

  /** The schedules go on meanwhile: waits for a rebuild, or for a refresh of each shard, that began after now. */
  async completed(lane: 'rebuild' | 'refresh'): Promise<void> {
    const { rows: now } = await this.d.db.query<{ at: string }>('select clock_timestamp()::text as at');
    await until(`a ${lane} has begun and ended`, async () => {
      const { rows } = await this.d.db.query<{ places: number }>(
        `select count(distinct shard)::int as places from reindeer.runs
            where lane = $1 and created_at > $2 and status = 'completed'`,
        [lane, now[0]?.at],
      );
      return (rows[0]?.places ?? 0) >= (lane === 'refresh' ? SHARDS : 1);
    });
  }

  /** How runs ended, by lane and reason. */
  async ended(): Promise<Record<string, number>> {
    const { rows } = await this.d.db.query<{ what: string; count: number }>(
      `select lane || ' ' || status || coalesce(' ' || reason, '') as what, count(*)::int from reindeer.runs
        where finished_at is not null group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
  }

  async close(): Promise<void> {
    await this.d.close();
    const { sink, searchUrl } = this.#settings;
    if (sink === 'opensearch') await searchClient(searchUrl ?? '')('DELETE', `${this.index},${this.index}_g*`);
  }
}
