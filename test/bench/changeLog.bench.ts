import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANY_PACE, type Follower, openFollower } from '../integration/connectors/postgresLogShop.ts';
import { type FreshDatabase, freshDatabase } from '../support/servers.ts';
import { testPool } from '../support/testPool.ts';

const ROWS = 100_000;
const ROUNDS = 5;
const KEPT = 1_000_000;
const CHANGES = 10_000;

let database: FreshDatabase;
let pool: Pool;
const followers: Follower[] = [];
beforeAll(async () => {
  database = await freshDatabase('change_log_bench');
  pool = testPool(database.url, { max: 1 });
}, 120_000);
afterAll(async () => {
  await Promise.all(followers.map((follower) => follower.close()));
  await pool.end();
  await database.drop();
});

const columns = 'id bigint primary key, name text, price numeric, at timestamptz default now()';

it.each([
  { kind: 'a plain table', ddl: (name: string) => `create table ${name} (${columns})` },
  {
    kind: 'a table of four partitions',
    ddl: (name: string) =>
      `create table ${name} (${columns}) partition by hash (id); ${[0, 1, 2, 3].map((n) => `create table ${name}_${n} partition of ${name} for values with (modulus 4, remainder ${n})`).join('; ')}`,
  },
])(
  `what the triggers of $kind cost`,
  async ({ kind, ddl }) => {
    const [bare, logged] = kind === 'a plain table' ? ['bare', 'logged'] : ['bare_parts', 'logged_parts'];
    await pool.query(`${ddl(bare)}; ${ddl(logged)}`);
    const follower = openFollower({ url: database.url, definition: { table: { schema: 'public', name: logged } } });
    followers.push(follower);
    await follower.install();
    const times = new Map<string, number[]>();
    const time = async (what: string, statement: (table: string) => string) => {
      for (const table of [bare, logged]) {
        const began = performance.now();
        await pool.query(statement(table));
        const key = `${what} ${table === bare ? 'without' : 'with'}`;
        times.set(key, [...(times.get(key) ?? []), performance.now() - began]);
      }
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      await pool.query(`truncate ${bare}, ${logged}, reindeer_log.changes`);
      await pool.query('checkpoint');
      await time(
        'insert',
        (table) => `insert into ${table} select g, 'product number ' || g, g * 0.01 from generate_series(1, ${ROWS}) g`,
      );
      await pool.query(`analyze ${bare}, ${logged}`);
      await time('update', (table) => `update ${table} set price = price + 1`);
      await time('delete', (table) => `delete from ${table}`);
    }
    process.stdout.write(`\n${kind}, ${ROWS} rows in one statement, median of ${ROUNDS}\n`);
    for (const what of ['insert', 'update', 'delete']) {
      const [without, with_] = [median(times.get(`${what} without`)), median(times.get(`${what} with`))];
      process.stdout.write(
        `  ${what}: ${without.toFixed(0)} ms without, ${with_.toFixed(0)} ms with, ratio ${(with_ / without).toFixed(2)}, ${(((with_ - without) * 1_000) / ROWS).toFixed(2)} µs a row\n`,
      );
    }
  },
  600_000,
);

it(`a pass over ${CHANGES} changes, where the log keeps ${KEPT}`, async () => {
  await pool.query(`create table passed (${columns})`);
  const follower = openFollower({
    url: database.url,
    definition: { table: { schema: 'public', name: 'passed' } },
    schema: 'pass_log',
  });
  followers.push(follower);
  await follower.install();
  const zero = await follower.skip();
  for (let part = 0; part < KEPT / ROWS; part += 1) {
    await pool.query(`insert into passed (id) select ${part * ROWS} + g from generate_series(1, ${ROWS}) g`);
  }
  const since = await follower.skip();
  for (let change = 0; change < CHANGES / 10; change += 1) {
    await pool.query(`update passed set name = 'x' where id between ${change * 10 + 1} and ${change * 10 + 10}`);
  }
  const pass = async (from: typeof since) => {
    const began = performance.now();
    let keys = 0;
    const signal = new AbortController().signal;
    for await (const page of (await follower.log.changes([from], ANY_PACE, signal)).pages) keys += page.keys.length;
    return { keys, ms: performance.now() - began };
  };
  await pass(since);
  const few = await pass(since);
  const all = await pass(zero);
  const none = await pass(await follower.skip());
  const began = performance.now();
  const deleted = await follower.log.prune([await follower.skip()], new AbortController().signal);
  process.stdout.write(
    `\na pass, pages of 1,000 keys\n  ${few.keys} keys of ${CHANGES / 10} transactions, above ${KEPT} that are kept: ${few.ms.toFixed(0)} ms\n` +
      `  all ${all.keys} keys: ${all.ms.toFixed(0)} ms\n  nothing new: ${none.ms.toFixed(1)} ms\n` +
      `  pruning ${deleted}: ${(performance.now() - began).toFixed(0)} ms\n\n`,
  );
  expect(few.keys).toBe(CHANGES);
  expect(all.keys).toBe(KEPT + CHANGES);
  expect(deleted).toBe(KEPT + CHANGES);
}, 600_000);

function median(values: readonly number[] = []): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
