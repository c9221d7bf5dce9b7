import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../race/Random.ts';
import { lastJson } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { describeRedis } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { Clients } from './load/Clients.ts';
import { Journal } from './load/Journal.ts';
import { LoadDeployment } from './load/LoadDeployment.ts';

// `LOAD_SECONDS=600 LOAD_RATE=1000 npm run test:load`: longer, or faster; with LOAD_SEED and LOAD_ONLY, one case again.
const seconds = Number(process.env.LOAD_SECONDS ?? 20);
const rate = Number(process.env.LOAD_RATE ?? 500);
const seed = Number(process.env.LOAD_SEED ?? Math.floor(Math.random() * 1e9));
const only = process.env.LOAD_ONLY;

const KEYS = 1_500;
const CLIENTS = 4;
/** Fewer, and little is shown of what happens at one; where other tests share the machine, processes are slow to start. */
const PROMOTIONS = process.env.CI ? 1 : 2;
/** Where it takes longer for them to come: only what hangs takes that long. */
const MORE_MS = 600_000;

const searchUrl = await openSearchUrl(3);
const CASES = [
  { name: 'log-postgres', sink: 'postgres', changes: 'log' },
  { name: 'log-opensearch', sink: 'opensearch', changes: 'log' },
  { name: 'modified-postgres', sink: 'postgres', changes: 'modified-column' },
] as const;

interface Diagnosis {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly since: string | null;
}

describeRedis.each(CASES)(`under load of seed ${seed}, $name`, ({ name, sink, changes }) => {
  const left = (only !== undefined && !only.split(',').includes(name)) || (sink === 'opensearch' && searchUrl === null);
  describe.skipIf(left)(`followed by ${changes} into ${sink}`, () => {
    const random = new Random(seed);
    let load: LoadDeployment;
    let journal: Journal;

    beforeAll(async () => {
      load = await LoadDeployment.open({ sink, changes, searchUrl, keys: KEYS, random: random.fork() });
      journal = await Journal.open(load.d.databaseUrl);
      await load.start();
    });
    afterAll(async () => {
      await journal?.close();
      await load?.close();
    });

    const titles = async (generation: string) => {
      const documents = await load.documents(generation);
      return documents && new Map([...documents].map(([id, { title }]) => [id, title]));
    };

    /** As readers of the index find them. */
    const titlesOf = async (ids: readonly number[]) => {
      const found: (string | null)[] = [];
      for (const id of ids) found.push(await load.read(id));
      return found;
    };

    /** What was promoted holds what the table held just after, or what was made of it since. False: it was dropped too soon. */
    async function checkPromotion(generation: string): Promise<boolean> {
      const look = await journal.look();
      if (!(await load.caughtUp(generation, look.at))) return false;
      const documents = await titles(generation);
      if (documents === null) return false;
      expect(await journal.wrong(look, documents), `${generation} after its promotion`).toEqual([]);
      return true;
    }

    /** Every generation that is kept current is the table, by id and body. */
    async function checkEqual(generations: readonly string[]): Promise<void> {
      const { rows, at } = await journal.look();
      const expected = new Map([...rows].map(([id, title]) => [id, { id: Number(id), title }]));
      for (const generation of generations) {
        expect(await load.caughtUp(generation, at), generation).toBe(true);
        const documents = await load.documents(generation);
        expect(different(documents ?? new Map(), expected), generation).toEqual([]);
      }
    }

    it(
      'at each promotion and at the end, the index is the table',
      async () => {
        const clients = new Clients(
          load.d.databaseUrl,
          { clients: CLIENTS, rate, keys: KEYS, holdMs: 3_000, truncateAfterMs: [seconds * 250, seconds * 600] },
          random.fork(),
        ).start();
        const stopKilling = new AbortController();
        const kills = load.killWorkers(stopKilling.signal, seconds * 1_000);
        // Thrown where it is awaited.
        kills.catch(() => {});
        const began = performance.now();
        let promotions = 0;
        let checked = 0;
        let last = await load.live();
        try {
          for (;;) {
            const elapsed = performance.now() - began;
            if (elapsed > seconds * 1_000 && (checked >= PROMOTIONS || elapsed > seconds * 1_000 + MORE_MS)) break;
            const live = await load.live();
            if (live === null || live === last) {
              await wait(50);
              continue;
            }
            last = live;
            promotions += 1;
            // A modified column sees no deletes: what is there after a promotion is told by the refresh at the end.
            if (changes === 'modified-column' || (await checkPromotion(live))) checked += 1;
          }
        } finally {
          stopKilling.abort();
          await Promise.all([clients.stop(), kills]);
        }
        const { written } = clients;
        process.stdout.write(
          `\nload ${name}, seed ${seed}: ${clients.rate.toFixed(0)} of ${rate} rows/s for ${((performance.now() - began) / 1_000).toFixed(0)} s, ` +
            `${JSON.stringify(written)}, ${load.kills} workers killed, ${promotions} promotions (${checked} looked at)\n`,
        );
        await load.stopRebuilds();
        if (changes === 'log') {
          await checkEqual(await load.followed());
        } else {
          await load.completed('refresh');
          await checkEqual([String(await load.live())]);
        }
        const ended = await load.ended();
        process.stdout.write(`  runs: ${JSON.stringify(ended)}\n`);
        expect(checked).toBeGreaterThanOrEqual(PROMOTIONS);
        expect(written.heldOpen).toBeGreaterThan(0);
        expect(written.truncated).toBeGreaterThan(0);
        expect(load.kills).toBeGreaterThan(0);
        expect(Object.keys(ended).filter((what) => what.includes('failed'))).toEqual([]);
      },
      seconds * 1_000 + MORE_MS + 600_000,
    );

    it.skipIf(changes !== 'log')(
      'a transaction that stays open delays its own rows alone, and doctor names it',
      async () => {
        const { d } = load;
        const held = new pg.Client({ connectionString: d.databaseUrl, application_name: 'forgetful' });
        await held.connect();
        try {
          const pid = (await held.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
          const openedAt = Date.now();
          await held.query('begin');
          const { rows: kept } = await held.query<{ id: string }>(
            `update item set title = 'open still' where id in (select id from item order by id limit 5) returning id`,
          );
          const ids = kept.map(({ id }) => Number(id));
          const before = await titlesOf(ids);
          const clients = new Clients(
            d.databaseUrl,
            { clients: CLIENTS, rate: rate / 2, keys: KEYS, holdMs: 0, truncateAfterMs: [] },
            random.fork(),
          ).start();

          const seen: number[] = [];
          for (let probe = 1; probe <= 20; probe += 1) {
            const id = 1_000_000 + probe;
            await d.db.query(`insert into item (id, title) values ($1, 'probe')`, [id]);
            const committed = performance.now();
            await until(`probe ${probe} is in the index`, async () => (await load.read(id)) === 'probe');
            seen.push(performance.now() - committed);
          }
          await load.command('resume', load.index, 'rebuild');
          await load.completed('rebuild');
          const doctor = await d.reindeer(['doctor', '--json']);
          const found = lastJson<readonly Diagnosis[]>(doctor).find(
            ({ code, message }) => code === 'transaction-open' && message.includes('forgetful'),
          );
          expect(found?.message).toContain(`pid ${pid}`);
          expect(found?.message).toContain(`database ${new URL(d.databaseUrl).pathname.slice(1)}`);
          expect(found?.message).toMatch(/open for \d/);
          expect(Math.abs(Date.parse(found?.since ?? '') - openedAt)).toBeLessThan(60_000);
          expect(await titlesOf(ids)).toEqual(before);

          await clients.stop();
          await held.query('commit');
          await until('what it wrote is in the index', async () => {
            const now = await titlesOf(ids);
            return now.every((title) => title === 'open still');
          });
          process.stdout.write(
            `\nwith a transaction open for ${((Date.now() - openedAt) / 1_000).toFixed(0)} s at ${clients.rate.toFixed(0)} rows/s, ${name}: ` +
              `other rows were there after ${median(seen).toFixed(0)} ms (median of ${seen.length}; ${Math.max(...seen).toFixed(0)} at most)\n`,
          );
          await load.stopRebuilds();
          await checkEqual(await load.followed());
        } finally {
          await held.end();
        }
      },
    );
  });
});

function different<T>(is: ReadonlyMap<string, T>, should: ReadonlyMap<string, T>): string[] {
  const text = (of: T | undefined) => (of === undefined ? 'none' : JSON.stringify(of));
  return [...new Set([...is.keys(), ...should.keys()])]
    .filter((id) => text(is.get(id)) !== text(should.get(id)))
    .map((id) => `${id} is ${text(is.get(id))} and should be ${text(should.get(id))}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
