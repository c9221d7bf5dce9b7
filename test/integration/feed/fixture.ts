import { openConnections } from '@reindeer/connectors';
import type { IndexDefinition, Lane } from '@reindeer/core';
import type { BatchSettings } from '@reindeer/engine';
import { requestPromotion } from '@reindeer/engine';
import { readOwedRefreshes, readRun } from '@reindeer/ledger';
import { Client } from 'pg';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { until } from '../../support/until.ts';
import { inPlaceFixture, type SinkKind } from '../inPlace/fixture.ts';

/**
 * One index whose changes are followed by a log, with real servers behind it. A test makes the feed's passes one by one,
 * and works on other runs' tasks between them.
 */
export async function feedFixture(
  sink: SinkKind,
  change: Partial<IndexDefinition> = {},
  { table = 'create table public.book (id bigint primary key, title text)', install = true } = {},
) {
  const { source, ...rest } = change;
  const definition = {
    ...rest,
    source: { ...booksDefinition.source, changes: 'log', ...source },
    incremental: { everyMs: 1 },
  } as const satisfies Partial<IndexDefinition>;
  const f = await inPlaceFixture(sink, definition);
  await f.sql(table);
  if (install) await installLog(f.t.database.url, { ...booksDefinition, ...definition });
  let feed = await f.open('incremental');

  /** One turn of the feed, whoever works on it: a pass, or a part of one. */
  async function turn(batch: Partial<BatchSettings> = {}, { turnMs = 0 } = {}): Promise<void> {
    if ((await readRun(f.t.ledger, feed))?.finishedAt != null) feed = await f.open('incremental');
    const { settings } = f.desk;
    await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [feed]);
    await f.next(feed, { settings: { ...settings, turnMs, batch: { ...settings.batch, ...batch } } });
    const [task] = await f.sql(`select error from tasks where run = $1 and error is not null`, [feed]);
    if (task !== undefined) throw new Error(`The feed failed: ${String(task.error)}`);
  }

  /** A pass that ends. */
  async function pass(): Promise<void> {
    const before = await passes();
    await until('a pass of the feed has ended', async () => {
      await turn();
      return (await passes()) > before;
    });
  }

  /** Of every feed there was: a changed definition ends one, and the next begins to count anew. */
  async function passes(): Promise<number> {
    const [row] = await f.sql(
      `select coalesce(sum(checkpoint), 0)::int as passes from tasks join runs using (run) where lane = 'incremental'`,
    );
    return Number(row?.passes);
  }

  /** Starts what is owed, each generation's and shard's. */
  async function openOwed(): Promise<readonly number[]> {
    const owed = await readOwedRefreshes(f.t.ledger);
    const runs: number[] = [];
    for (const { shard, generation } of owed) runs.push(await f.open('refresh', { shard, generation }));
    return runs;
  }

  const document = async (id: string, method: 'lose' | 'strand', generation: string) => {
    if (sink === 'postgres') {
      await f.sql(`delete from public.${generation} where id = $1`, [id]);
      if (method === 'strand')
        await f.sql(
          `insert into public.${generation} (id, s, b, t, f1, f2, body, deleted) values ($1, 0, 0, 1, 1, 1, '{}', false)`,
          [id],
        );
      return;
    }
    await f.search('POST', `${generation}/_refresh`);
    if (method === 'lose')
      await f.search('POST', `${generation}/_delete_by_query?refresh=true`, { query: { ids: { values: [id] } } });
    else {
      const version = `version=${Date.now() * 1000}&version_type=external_gte&refresh=true`;
      await f.search('PUT', `${generation}/_doc/${id}?${version}`, { _reindeer: { s: 0, b: 0, t: 1, f1: 1, f2: 1 } });
    }
  };

  return {
    ...f,
    pass,
    turn,
    /** Turns of the feed until one ends in the midst of a pass, which is noted. */
    async leaveMidway(): Promise<void> {
      await until('the pass is left midway', async () => {
        await turn({ maxDocuments: 5_000 });
        const [row] = await f.sql(`select cursor is not null as left from tasks where run = $1 and kind = 'slice'`, [
          feed,
        ]);
        return row?.left === true;
      });
    },
    /** What the table says, as the ids that readers find. */
    async tableIds(): Promise<string[]> {
      const rows = await f.sql(`select id::text as id from public.book`);
      return rows.map(({ id }) => String(id)).toSorted();
    },
    owed: () =>
      f.sql(
        `select g.state, o.cause, count(*)::int as shards from owed_refreshes o join generations g using (generation)
          where o.discharged_at is null group by 1, 2 order by 1, 2`,
      ),
    openOwed,
    async refreshOwed(): Promise<void> {
      for (const run of await openOwed()) await this.finish(run);
    },
    async rollBack() {
      const asked = { index: f.definition(), direction: 'back', generation: null, force: false, note: null } as const;
      const answer = await requestPromotion(
        { ledger: f.t.ledger, deliver: async () => {} },
        { ...asked, actor: 'test' },
      );
      if (answer.kind !== 'started') throw new Error(`The rollback was refused: ${answer.reason}: ${answer.detail}`);
      return this.finish(answer.run);
    },
    /** What a failover loses. */
    lose: async (id: string) => document(id, 'lose', await f.live()),
    /** What a request leaves that comes after everything has forgotten its document. */
    strand: async (id: string) => document(id, 'strand', await f.live()),
    /** Keeps writes from a generation, until the answer is called. */
    async block(generation: string): Promise<() => Promise<void>> {
      if (sink === 'opensearch') {
        await f.search('POST', `${generation}/_close`);
        return async () => {
          await f.search('POST', `${generation}/_open?wait_for_active_shards=1`);
        };
      }
      const client = new Client({ connectionString: f.t.database.url });
      await client.connect();
      await client.query(`begin; lock table public.${generation} in share mode`);
      return () => client.end();
    },
    /** What a hand does to a generation. */
    destroy: (generation: string) =>
      sink === 'postgres' ? f.sql(`drop table public.${generation} cascade`) : f.search('DELETE', generation),
    get feed() {
      return feed;
    },
    /** Works on a run to its end; the feed passes meanwhile. */
    async work(lane: Lane, asked: Parameters<typeof f.open>[1] = {}) {
      const run = await f.open(lane, asked);
      return this.finish(run);
    },
    async finish(run: number) {
      const work = async () => {
        await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [run]);
        // A look that found a difference waits for a pass that began after it.
        let worked = false;
        const work = f.next(run).finally(() => {
          worked = true;
        });
        do await pass();
        while (!worked);
        await work;
        return (await readRun(f.t.ledger, run))?.finishedAt != null;
      };
      // Each look does a task: there is nothing to wait for between two.
      await until(`run ${run} has ended`, work, undefined, 0);
      return f.finish(run);
    },
  };
}

export type FeedFixture = Awaited<ReturnType<typeof feedFixture>>;

/** Installs the triggers that an index's definition asks for. */
export async function installLog(url: string, definition: IndexDefinition): Promise<void> {
  const connections = openConnections({ db: { name: 'db', kind: 'postgres', url } }, { maxConnections: 2 });
  try {
    await connections.log(definition)?.install(new AbortController().signal);
  } finally {
    await connections.close();
  }
}
