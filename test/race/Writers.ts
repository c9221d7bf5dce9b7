import type pg from 'pg';
import type { Clock } from './Clock.ts';
import type { History, Text } from './History.ts';
import type { Random } from './Random.ts';

/** How applications write in a round. */
export interface WriterShape {
  readonly table: string;
  readonly keys: readonly string[];
  readonly transactions: number;
  readonly truncates: number;
  /** Keys are changed one after another, each by several transactions and then no more: nothing heals what was lost. */
  readonly bursts: boolean;
  /** How often a text is one that was there before, so that what changed twice looks unchanged. */
  readonly repeats: number;
  /** How often a transaction is held open, and for how many steps of others at most. */
  readonly holds: number;
  readonly hold: number;
  /** Between two transactions, in steps at most. */
  readonly rest: number;
}

export interface Writer {
  readonly pool: pg.Pool;
  readonly shape: WriterShape;
  readonly history: History;
  readonly random: Random;
  readonly clock: Clock;
  readonly trace: (message: string) => void;
}

/** A text for which there is no document: the transform leaves its row out. */
export const LEFT_OUT = 'F';

/** One application: its transactions insert, update, delete, change keys, are rolled back, and now and then TRUNCATE. */
export async function runWriter(writer: Writer): Promise<void> {
  const { shape, random, clock, trace } = writer;
  for (let left = shape.transactions; left > 0; left -= 1) {
    await clock.wait(random.between(0, shape.rest));
    await transact(writer, keysNow(shape, left)).catch((error: unknown) => {
      // A deadlock, or a lock that was not to be had: rolled back, as an application's would be.
      trace(`rolled back: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

/** The keys that a writer changes when so many of its transactions are left. */
function keysNow({ keys, transactions, bursts }: WriterShape, left: number): readonly string[] {
  if (!bursts) return keys;
  const at = Math.floor(((transactions - left) * keys.length) / transactions);
  return keys.slice(at, at + 2);
}

async function transact(
  { pool, shape, history, random, clock, trace }: Writer,
  keys: readonly string[],
): Promise<void> {
  const client = await pool.connect();
  const changes = new Map<string, Text>();
  const done: string[] = [];
  try {
    await client.query('begin');
    for (let left = random.pick([1, 1, 1, 2, 3]); left > 0; left -= 1) {
      done.push(await change(client, { ...shape, all: shape.keys, keys }, random, changes));
      clock.step();
      if (random.chance(0.4)) await clock.wait(random.between(1, 30));
    }
    if (random.chance(shape.holds)) await clock.wait(random.between(1, shape.hold));
    if (random.chance(0.12)) {
      await client.query('rollback');
      return;
    }
    const ended = history.commits(changes);
    try {
      await client.query('commit');
      ended(true);
      trace(`commits ${done.join(', ')}`);
    } catch (error) {
      ended(false);
      throw error;
    }
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
    clock.step();
  }
}

async function change(
  client: pg.PoolClient,
  { table, keys, all, truncates, repeats }: WriterShape & { readonly all: readonly string[] },
  random: Random,
  changes: Map<string, Text>,
): Promise<string> {
  const key = random.pick(keys);
  const text = random.chance(repeats)
    ? random.pick(['A', 'B'])
    : random.chance(0.12)
      ? LEFT_OUT
      : `v${random.between(0, 1e6)}`;
  const document = text === LEFT_OUT ? null : text;
  if (random.chance(truncates)) {
    await client.query(`truncate ${table}`);
    for (const each of all) changes.set(each, null);
    return 'TRUNCATE';
  }
  const kind = random.next();
  // Where there was no row nothing is changed, and another transaction may have inserted one meanwhile.
  const remove = async (gone: string): Promise<void> => {
    const { rowCount } = await client.query(`delete from ${table} where id = $1`, [gone]);
    if (rowCount !== 0) changes.set(gone, null);
  };
  if (kind < 0.2) {
    await remove(key);
    return `delete ${key}`;
  }
  if (kind < 0.35) {
    const to = random.pick(keys);
    if (to !== key) await remove(to);
    const { rowCount } = await client.query(`update ${table} set id = $2, title = $3 where id = $1`, [key, to, text]);
    if (rowCount === 0) return `delete ${to}`;
    changes.set(key, null);
    changes.set(to, document);
    return `${key} becomes ${to}=${text}`;
  }
  await client.query(
    `insert into ${table} (id, title) values ($1, $2) on conflict (id) do update set title = excluded.title`,
    [key, text],
  );
  changes.set(key, document);
  return `${key}=${text}`;
}
