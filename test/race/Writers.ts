import type pg from 'pg';
import type { Clock } from './Clock.ts';
import type { History, Text } from './History.ts';
import { type Change, LEFT_OUT, type Transaction } from './habits.ts';
import type { Random } from './Random.ts';

export interface Writer {
  readonly pool: pg.Pool;
  readonly table: string;
  readonly shelves: string | null;
  readonly keys: readonly string[];
  readonly transactions: Iterable<Transaction>;
  /** How often a transaction is held open, and for how many steps of others at most. */
  readonly holds: number;
  readonly hold: number;
  readonly rollbacks: number;
  readonly history: History;
  readonly labels: History;
  readonly random: Random;
  readonly clock: Clock;
  readonly trace: (message: string) => void;
}

/** One application: its transactions follow one another, and some of them are rolled back. */
export async function runWriter(writer: Writer): Promise<void> {
  const { transactions, clock, trace } = writer;
  for (const { after, changes } of transactions) {
    await clock.wait(after);
    await transact(writer, changes).catch((error: unknown) => {
      // A deadlock, or a lock that was not to be had: rolled back, as an application's would be.
      trace(`rolled back: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

async function transact(writer: Writer, changes: readonly Change[]): Promise<void> {
  const { pool, holds, hold, rollbacks, history, labels, random, clock, trace } = writer;
  const client = await pool.connect();
  const changed: Changed = { texts: new Map(), labels: new Map() };
  const done: string[] = [];
  try {
    await client.query('begin');
    for (const change of changes) {
      done.push(await apply(client, writer, change, changed));
      clock.step();
      if (random.chance(0.4)) await clock.wait(random.between(1, 30));
    }
    if (random.chance(holds)) await clock.wait(random.between(1, hold));
    if (random.chance(rollbacks)) {
      await client.query('rollback');
      return;
    }
    const commits = [history.commits(changed.texts), labels.commits(changed.labels)];
    const ended = (done: boolean) => {
      for (const each of commits) each(done);
    };
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

/** What each key, and each shelf, that a transaction changed has become. */
interface Changed {
  readonly texts: Map<string, Text>;
  readonly labels: Map<string, Text>;
}

/** @returns what it did, in words */
async function apply(
  client: pg.PoolClient,
  { table, shelves, keys, history }: Writer,
  change: Change,
  { texts, labels }: Changed,
): Promise<string> {
  // Where there was no row nothing is changed, and another transaction may have inserted one meanwhile.
  const remove = async (gone: string): Promise<void> => {
    const { rowCount } = await client.query(`delete from ${table} where id = $1`, [gone]);
    if (rowCount !== 0) texts.set(gone, null);
  };
  switch (change.kind) {
    case 'truncate':
      await client.query(`truncate ${table}`);
      // Those that rounds before left are gone too.
      for (const each of [...keys, ...history.keys]) texts.set(each, null);
      return 'TRUNCATE';
    case 'delete':
      await remove(change.key);
      return `delete ${change.key}`;
    case 'move': {
      const { key, to, text } = change;
      if (to !== key) await remove(to);
      const { rowCount } = await client.query(`update ${table} set id = $2, title = $3 where id = $1`, [key, to, text]);
      if (rowCount === 0) return `delete ${to}`;
      texts.set(key, null);
      texts.set(to, documentOf(text));
      return `${key} becomes ${to}=${text}`;
    }
    case 'label': {
      const { shelf, text } = change;
      const { rowCount } =
        text === null
          ? await client.query(`delete from ${shelves} where shelf = $1`, [shelf])
          : await client.query(
              `insert into ${shelves} (shelf, label) values ($1, $2) on conflict (shelf) do update set label = excluded.label`,
              [shelf, text],
            );
      if (rowCount !== 0) labels.set(shelf, text);
      return `shelf ${shelf} is ${text ?? 'removed'}`;
    }
    case 'set':
      await client.query(
        `insert into ${table} (id, title) values ($1, $2) on conflict (id) do update set title = excluded.title`,
        [change.key, change.text],
      );
      texts.set(change.key, documentOf(change.text));
      return `${change.key}=${change.text}`;
  }
}

function documentOf(text: string): Text {
  return text === LEFT_OUT ? null : text;
}
