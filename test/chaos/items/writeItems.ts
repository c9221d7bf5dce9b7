import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { Random } from '../../race/Random.ts';

/** Keys are 1 to twice this. */
export const KEYS = 400;

export interface ItemWriter {
  /** Whether it waits for the disk. */
  readonly synchronous: 'on' | 'off';
  readonly random: Random;
  readonly signal: AbortSignal;
  /** One of its transactions failed. */
  readonly onFailure: () => void;
}

/** An application that goes on when its database is back. */
export async function writeItems(pool: pg.Pool, { synchronous, random, signal, onFailure }: ItemWriter): Promise<void> {
  while (!signal.aborted) {
    const title = `v${random.between(0, 1e9)}`;
    const id = random.between(1, KEYS);
    const change = random.pick([
      `insert into item values (${id}, '${title}') on conflict (id) do update set title = excluded.title`,
      `update item set title = '${title}' where id between ${id} and ${id + 5}`,
      `delete from item where id = ${id}`,
      `update item set id = ${id + KEYS}, title = '${title}' where id = ${id} and not exists (select from item where id = ${id + KEYS})`,
      `update item set id = ${id}, title = '${title}' where id = ${id + KEYS} and not exists (select from item where id = ${id})`,
    ]);
    // The pool ends a session that has failed.
    await pool.query(`begin; set local synchronous_commit = ${synchronous}; ${change}; commit`).catch(onFailure);
    await wait(random.between(0, 20));
  }
}
