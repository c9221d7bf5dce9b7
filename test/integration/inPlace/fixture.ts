import { randomBytes } from 'node:crypto';
import { openConnections } from '@reindeer/connectors';
import {
  type IndexDefinition,
  isShardLane,
  type KeyRange,
  type Lane,
  NO_OPTIONS,
  placeOf,
  type Tally,
  WHOLE_INDEX,
} from '@reindeer/core';
import { type EngineContext, openIndexes } from '@reindeer/engine';
import { applyConfiguration, openRun, query, readRun } from '@reindeer/ledger';
import { HeldClaims } from '../../../apps/worker/src/HeldClaims.ts';
import { type TaskDesk, workTask } from '../../../apps/worker/src/workTask.ts';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { openSearchUrl } from '../../support/openSearch.ts';
import { searchClient } from '../connectors/searchClient.ts';
import { testLedger } from '../ledger/fixture.ts';

export const SINKS = ['postgres', 'opensearch'] as const;
export type SinkKind = (typeof SINKS)[number];
export const searchUrl = await openSearchUrl(3);

export interface RunSeen {
  readonly run: number;
  readonly status: string;
  readonly reason: string | null;
  readonly tally: Tally;
  readonly differences: { readonly missing: number; readonly extra: number; readonly stale: number };
}

interface Asked {
  readonly shard?: number;
  readonly range?: KeyRange;
  readonly force?: boolean;
  readonly generation?: number | null;
  readonly trigger?: 'manual' | 'schedule';
  readonly deep?: boolean;
}

/** One index with real servers behind it, whose tasks a test works on by itself, one by one. */
export async function inPlaceFixture(sink: SinkKind, change: Partial<IndexDefinition> = {}) {
  const t = await testLedger('inplace');
  const name = `books_${randomBytes(4).toString('hex')}`;
  let definition: IndexDefinition = {
    ...booksDefinition,
    name,
    sink: {
      connection: sink === 'postgres' ? 'db' : 'search',
      mappings: sink === 'postgres' ? {} : { dynamic: false },
      settings: sink === 'postgres' ? {} : { number_of_replicas: 0 },
    },
    errors: { maxFailed: 5, maxFailedShare: 1 },
    ...change,
  };
  const search = searchClient(searchUrl ?? '');
  const signal = new AbortController().signal;
  const opened: { close(): Promise<void> }[] = [];
  let number = 0;
  let shop = t.database.url;

  const context: EngineContext = {
    ledger: t.ledger,
    deliver: async () => {},
    observer: { documents() {}, bytes() {}, batch() {}, throttled() {}, event() {} },
  };
  const worker = await t.worker();
  const desk: TaskDesk & { settings: { turnMs: number; batchTimeoutMs: number; maxAttempts: number } } = {
    context,
    worker,
    held: new HeldClaims(context, worker),
    settings: {
      batch: { maxDocuments: 10, maxBytes: 1_000_000, inFlight: 2, targetMs: 1_000 },
      // One attempt each: a busy machine must not count as a batch that hangs.
      batchTimeoutMs: 60_000,
      leaseMs: 1_000,
      turnMs: 60_000,
      maxAttempts: 1,
    },
    keepGenerations: 2,
    afterPromotion: async () => {},
    draining: signal,
    ending: signal,
    open: () => Promise.reject(new Error('Not configured yet.')),
    permit: (work) => work(),
  };

  /** Applies the definition, changed, as a scheduler does at its start. */
  async function configure(more: Partial<IndexDefinition> = {}): Promise<void> {
    number += 1;
    definition = { ...definition, fingerprint: `definition ${number}`, ...more };
    const { fingerprint } = definition;
    await applyConfiguration(t.ledger, {
      fingerprint,
      appliedBy: 'test',
      indexes: [{ name, fingerprint, revision: null, definition: {} }],
      force: true,
    });
    connect();
  }

  /** Opens both ends, as a process does at its start. */
  function connect(): void {
    const connections = openConnections(
      {
        db: { name: 'db', kind: 'postgres', url: t.database.url },
        shop: { name: 'shop', kind: 'postgres', url: shop },
        ...(searchUrl === null ? {} : { search: { name: 'search', kind: 'opensearch', url: searchUrl } }),
      },
      { maxConnections: 3 },
    );
    const indexes = openIndexes({ [name]: definition }, connections);
    opened.push(indexes);
    Object.assign(desk, { open: (index: string) => indexes.open(index) });
  }
  await configure();

  async function open(lane: Lane, asked: Asked = {}): Promise<number> {
    const {
      shard = WHOLE_INDEX,
      range = null,
      force = false,
      deep = false,
      generation = null,
      trigger = 'manual',
    } = asked;
    const [live] = await query<{ shards: number }>(
      t.ledger,
      `select jsonb_array_length(shard_bounds) + 1 as shards from generations where state = 'live'`,
    );
    const places =
      !isShardLane(lane) || shard !== WHOLE_INDEX ? [shard] : Array.from({ length: live?.shards ?? 1 }, (_, at) => at);
    const answer = await openRun(t.ledger, {
      index: name,
      lane,
      shard,
      shards: places,
      place: placeOf(lane, { apart: definition.source.changes !== 'none', generation }),
      definition: number,
      trigger,
      actor: 'test',
      slot: null,
      options: { ...NO_OPTIONS, range, force, deep, generation },
      nonce: randomBytes(6).toString('hex'),
    });
    if (answer.kind !== 'opened') throw new Error(`The run was not opened: ${answer.kind}`);
    return answer.run;
  }

  /** Works on the run's next task, as a worker does that has its job. False: none waits. A failure is in the ledger. */
  async function next(run: number, on: Partial<TaskDesk> = {}): Promise<boolean> {
    const [task] = await query<{ kind: 'plan' | 'slice' | 'finish'; number: number; delivery: number }>(
      t.ledger,
      `select kind, number, delivery from tasks where run = $1 and status = 'queued'
        order by array_position(array['plan', 'slice', 'finish'], kind), number limit 1`,
      [run],
    );
    if (task === undefined) return false;
    const job = { signal, progress: () => {}, log: () => {} };
    await workTask({ ...desk, ...on }, { index: name, run, ...task }, job).catch(() => {});
    return true;
  }

  async function finish(run: number): Promise<RunSeen> {
    while (await next(run));
    const [sum] = await query<{ missing: number; extra: number; stale: number } & Tally>(
      t.ledger,
      `select sum(missing)::int as missing, sum(extra)::int as extra, sum(stale)::int as stale, sum(read)::int as read,
              sum(written)::int as written, sum(unchanged)::int as unchanged, sum(superseded)::int as superseded,
              sum(filtered)::int as filtered, sum(deleted)::int as deleted, sum(failed)::int as failed,
              sum(orphans)::int as orphans
         from tasks where run = $1 and kind = 'slice'`,
      [run],
    );
    const seen = await readRun(t.ledger, run);
    const { missing = 0, extra = 0, stale = 0, ...tally } = sum ?? ({} as never);
    return {
      run,
      status: seen?.state ?? 'gone',
      reason: seen?.reason ?? null,
      tally,
      differences: { missing, extra, stale },
    };
  }

  return {
    t,
    definition: () => definition,
    name,
    search,
    desk,
    configure,
    open,
    next,
    finish,
    /** The url of the connection `shop` is another from now on, and every process starts again. */
    moveShop(url: string): void {
      shop = url;
      connect();
    },
    sql: (text: string, values: readonly unknown[] = []) => query(t.ledger, text, values),
    run: async (lane: Lane, asked: Asked = {}) => finish(await open(lane, asked)),
    /** The live generation's table or index. */
    async live(): Promise<string> {
      const [row] = await query<{ name: string }>(t.ledger, `select name from generations where state = 'live'`);
      return row?.name ?? '';
    },
    /** What a hand does to the name that readers use. */
    async moveReaders(generation: string): Promise<void> {
      if (sink === 'postgres') {
        await this.sql(
          `create or replace view public.${name} as select id, body, search from public.${generation} where not deleted`,
        );
        return;
      }
      const actions = [
        { remove: { index: await this.live(), alias: name } },
        { add: { index: generation, alias: name } },
      ];
      await search('POST', '_aliases', { actions });
    },
    /** Ids that readers find, in order. */
    async ids(): Promise<string[]> {
      if (sink === 'postgres') {
        const rows = await query<{ id: string }>(t.ledger, `select id from public.${name} order by id`);
        return rows.map(({ id }) => id);
      }
      await search('POST', `${name}/_refresh`);
      await search('PUT', `${name}/_settings`, { index: { max_result_window: 100_000 } });
      const { hits } = await search('POST', `${name}/_search`, { size: 100_000, _source: false });
      return hits.hits.map(({ _id }: { _id: string }) => _id).toSorted();
    },
    async close() {
      for (const one of opened) await one.close();
      if (sink === 'opensearch') await search('DELETE', `${name},${name}_g*`);
      await t.close();
    },
  };
}

export type InPlaceFixture = Awaited<ReturnType<typeof inPlaceFixture>>;
