import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { browser } from '../integration/dashboard/fixture.ts';
import { type Deployment, deploy, lastJson, type Running } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { freshPrefix } from '../support/servers.ts';
import { until } from '../support/until.ts';

interface Run {
  readonly run: number;
  readonly state: string;
  readonly reason: string | null;
  readonly generation: string;
  readonly caughtUp: boolean;
}

interface Status {
  readonly live: { readonly name: string } | null;
  readonly lagSeconds: number | null;
  readonly freshnessSeconds: number;
  readonly feed: { readonly run: number; readonly state: string; readonly requestedKeys: number };
  readonly soaking: readonly { readonly generation: string; readonly secondsLeft: number }[];
}

const searchUrl = await openSearchUrl(3);
const OPS = { name: 'ops', password: 'a long enough password', role: 'operator' } as const;

describe.each(['postgres', 'opensearch'] as const)('following changes into %s, as a user drives it', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    const client = searchClient(searchUrl ?? '');
    const index = sink === 'postgres' ? 'books' : freshPrefix('books');
    let d: Deployment;
    let scheduler: Running;
    let workers: Running[];
    let ops: ReturnType<typeof browser>;

    const configure = (shown: string, changes = 'log') =>
      d.configure(
        `{ '${index}': {
          source: { connection: 'db', table: 'public.book', key: ['id'], changes: '${changes}' },
          sink: { connection: '${sink === 'postgres' ? 'db' : 'search'}', mappings: ${sink === 'postgres' ? '{}' : '{ dynamic: false }'}
            ${sink === 'postgres' ? '' : ', settings: { number_of_replicas: 0 }'} },
          transform: (row) => ({ shown: \`${shown} \${row.title}\` }),
          incremental: { every: '100ms' }, shards: 2, rebuild: { slices: 4, maxLag: '30s', onDefinitionChange: 'alert' } } }`,
        `connections: { db: { kind: 'postgres', url: '${d.databaseUrl}' }${sink === 'postgres' ? '' : `, search: { kind: 'opensearch', url: '${searchUrl}' }`} },
         worker: { lease: '5s', batchTimeout: '30s' },`,
      );

    beforeAll(async () => {
      d = await deploy('changes', 'postgres');
      await d.db.query(`create table book (id bigint primary key, title text not null)`);
      await d.db.query(`insert into book select n, 'Volume ' || n from generate_series(1, 1000) n`);
      await configure('first');
      const installed = await d.reindeer(['migrate', '--source']);
      expect(installed.code, installed.stdout + installed.stderr).toBe(0);
      await start();
      const dashboard = await d.start('dashboard');
      ops = browser(/http:\/\/[^\s"]+/.exec(dashboard.output())?.[0] ?? '');
      await ops.signIn(OPS);
      await until('the first generation is live', async () => (await status()).live !== null);
    });
    afterAll(async () => {
      await d?.close();
      if (sink === 'opensearch') await client('DELETE', `${index},${index}_g*`);
    });

    async function start() {
      scheduler = await d.start('scheduler');
      workers = [await d.start('worker'), await d.start('worker')];
    }

    async function status(): Promise<Status> {
      return lastJson<Status>(await d.reindeer(['status', index, '--json']));
    }

    /** What readers find, by id. */
    async function documents(): Promise<Record<string, string>> {
      if (sink === 'postgres') {
        const { rows } = await d.db.query<{ id: string; body: { shown: string } }>(`select id, body from ${index}`);
        return Object.fromEntries(rows.map(({ id, body }) => [id, body.shown]));
      }
      await client('POST', `${index}/_refresh`);
      const { hits } = await client('POST', `${index}/_search`, { size: 10_000 });
      return Object.fromEntries(
        hits.hits.map((hit: { _id: string; _source: { shown: string } }) => [hit._id, hit._source.shown]),
      );
    }

    /** What the table holds, in the words of that definition where one is given. */
    async function rows(): Promise<Record<string, string>> {
      const found = await d.db.query<{ id: string; title: string }>(`select id, title from book`);
      return Object.fromEntries(found.rows.map(({ id, title }) => [id, title]));
    }

    /**
     * Readers find exactly what the table holds. What the feed writes is of the newest definition in whatever generation, so
     * that words may differ in one that was rolled back to; `shown`: all are of that definition.
     */
    async function equal(shown = '(?:first|second)'): Promise<void> {
      const expected = await rows();
      const look = async () =>
        Object.fromEntries(
          Object.entries(await documents()).map(([id, text]) => [id, text.replace(new RegExp(`^${shown} `), '')]),
        );
      const found = await until('the index equals the table', async () => {
        const seen = await look();
        return JSON.stringify(sorted(seen)) === JSON.stringify(sorted(expected)) && seen;
      }).catch(look);
      expect(found).toEqual(expected);
    }

    const sorted = (of: Record<string, string>) => Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const refreshes = async () =>
      Number((await d.db.query(`select count(*) from reindeer.runs where lane = 'refresh'`)).rows[0]?.count);

    it('takes in what is inserted, changed and deleted, without any refresh', async () => {
      await d.db.query(`insert into book select n, 'new ' || n from generate_series(1001, 1100) n`);
      await d.db.query(`update book set title = title || ', second edition' where id % 10 = 0`);
      await d.db.query(`delete from book where id % 7 = 0`);
      await d.db.query(`update book set id = id + 100000 where id in (11, 12)`);
      await equal('first');
      expect(await refreshes()).toBe(0);
      const seen = await until('it follows closely', async () => {
        const now = await status();
        return now.lagSeconds !== null && now.lagSeconds < 30 && now.freshnessSeconds < 30 && now;
      });
      expect(seen).toMatchObject({ changes: 'log', feed: { state: 'follows', requestedKeys: 0 }, owedRefreshes: 0 });
      const text = await d.reindeer(['status', index]);
      expect(text.stdout).toContain('follows changes: lag');
      expect(text.stdout).not.toContain('changes are not followed');
    });

    it('goes on elsewhere when the worker of the feed is killed while changes flow', async () => {
      const owner = async () => {
        const { rows: found } = await d.db.query<{ owner: string | null }>(
          `select t.owner from reindeer.tasks t join reindeer.runs r using (run)
            where r.lane = 'incremental' and r.finished_at is null and t.kind = 'slice'`,
        );
        return found[0]?.owner ?? null;
      };
      const first = String(await until('somebody has the feed', owner));
      const { rows: found } = await d.db.query<{ pid: number }>(`select pid from reindeer.workers where worker = $1`, [
        first,
      ]);
      const victim = workers.find(({ process: { pid } }) => pid === found[0]?.pid);
      expect(victim, `${first} is one of the workers`).toBeDefined();
      let flowing = true;
      const flow = (async () => {
        // A search gives 10,000 documents at most, however slow the machine is.
        for (let n = 0; flowing; n += 1)
          await d.db.query(
            `insert into book values ($1, 'flows') on conflict (id) do update set title = 'flows ' || $2::text`,
            [2_000 + (n % 3_000), String(n)],
          );
      })();
      // Thrown where it is awaited.
      flow.catch(() => {});
      await until('changes flow', async () => Object.hasOwn(await documents(), '2000'));
      await victim?.kill();
      await until('another has taken over', async () => {
        const now = await owner();
        return now !== null && now !== first;
      });
      flowing = false;
      await flow;
      await equal('first');
      expect(await refreshes()).toBe(0);
      workers = [...workers.filter((one) => one !== victim), await d.start('worker')];
    });

    it('rebuilds with a changed definition, is caught up, and rolls back to the old mapping with new data', async () => {
      const old = (await status()).live?.name;
      await Promise.all([scheduler, ...workers].map((one) => one.stop()));
      await configure('second');
      await start();
      const rebuilt = await d.reindeer(['run', index, '--wait', '--json']);
      expect(rebuilt.code, rebuilt.stderr).toBe(0);
      expect(lastJson<Run>(rebuilt)).toMatchObject({ state: 'completed', caughtUp: true });
      expect((await status()).live?.name).not.toBe(old);
      await equal('second');

      await d.db.query(`update book set title = 'changed ' || id where id between 100 and 799`);
      await d.db.query(`insert into book select n, 'later' from generate_series(200001, 200200) n`);
      await d.db.query(`delete from book where id between 800 and 899`);
      const soaking = await status();
      expect(soaking.soaking).toMatchObject([{ generation: old }]);
      expect((await d.reindeer(['status', index])).stdout).toContain(`reindeer rollback ${index}`);

      const back = await d.reindeer(['rollback', index, '--note', 'second thoughts', '--json']);
      expect(back.code, back.stderr).toBe(0);
      expect(lastJson<Run>(back)).toMatchObject({ state: 'completed', generation: old, caughtUp: true });
      expect((await status()).live?.name).toBe(old);
      await equal();
      // Built by the old definition, and not touched since.
      expect((await documents())['900']).toMatch(/^first /);
      expect(await refreshes()).toBe(0);
      const { rows: audit } = await d.db.query(
        `select action, detail ->> 'note' as note from reindeer.audit where action = 'rollback'`,
      );
      expect(audit).toEqual([{ action: 'rollback', note: 'second thoughts' }]);
      // And forward again: the newer one soaks now.
      const on = await d.reindeer(['rollback', index]);
      expect(on.code, on.stderr).toBe(0);
      expect(on.stdout).toContain('It holds every change up to a moment ago.');
      await equal('second');
    });

    it('says why nothing goes on while the feed is held, and goes on when it is released', async () => {
      expect((await d.reindeer(['pause', index, 'incremental', '--note', 'a look'])).code).toBe(0);
      await until('the feed stands', async () => (await status()).feed.state === 'stands');
      const asked = await d.reindeer(['rollback', index, '--no-wait', '--json']);
      const { run } = lastJson<Run>(asked);
      const waits = await until('it waits', async () => {
        const shown = lastJson<{ waitsFor: { reason: string; detail: string } | null }>(
          await d.reindeer(['show', String(run), '--json']),
        );
        return shown.waitsFor?.detail.includes('on hold') === true && shown.waitsFor;
      });
      expect(waits).toMatchObject({ reason: 'not-caught-up' });
      const text = (await d.reindeer(['status', index])).stdout;
      expect(text).toContain('the feed stands. It is on hold (paused, “a look”)');
      expect(text).toContain('waits (not-caught-up)');
      const overview = await (await ops.page('/')).text();
      expect(overview).toContain('The feed stands.');
      expect(overview).toContain('Waits: not-caught-up');
      expect((await d.reindeer(['resume', index, 'incremental'])).code).toBe(0);
      await until('it is done', async () => {
        const shown = lastJson<Run>(await d.reindeer(['show', String(run), '--json']));
        return shown.state === 'completed';
      });
      await equal();
    });

    it('with changes: none indexes the keys that it is told of, and says that others are not followed', async () => {
      await Promise.all([scheduler, ...workers].map((one) => one.stop()));
      await configure('first', 'none');
      await start();
      await until('the feed follows', async () => {
        const seen = await status();
        return seen.feed.state === 'follows' && seen.feed.run > 0;
      });
      await d.db.query(`insert into book values (300001, 'told of'), (300002, 'not told of')`);
      await d.db.query(`delete from book where id = 100`);
      const answer = await ops.post(`/api/v1/indexes/${index}/changes`, { keys: ['300001', ['100']] });
      expect([answer.status, await answer.json()]).toEqual([202, { accepted: 2 }]);
      const seen = await until('they are indexed', async () => {
        const found = await documents();
        return found['300001'] === 'first told of' && found['100'] === undefined && found;
      });
      expect(seen['300002']).toBeUndefined();
      expect((await d.reindeer(['status', index])).stdout).toContain('follows requested keys: lag');
      const back = await d.reindeer(['rollback', index]);
      expect(back.code, back.stdout + back.stderr).toBe(0);
      expect(back.stdout).toContain('What was inserted, changed or deleted in the source since it was live last');
      await equal();
    });
  });
});
