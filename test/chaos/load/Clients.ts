import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Random } from '../../race/Random.ts';

export interface ClientsShape {
  readonly clients: number;
  /** Rows that are written in a second, all clients together, where the machine lets them. */
  readonly rate: number;
  /** Keys are 1 to twice this. */
  readonly keys: number;
  /** How long a transaction is held open at most, in ms; 0: none is. */
  readonly holdMs: number;
  /** When the table is emptied, in ms from the start. */
  readonly truncateAfterMs: readonly number[];
}

/** What the clients did, of what was committed. */
export interface Written {
  rows: number;
  transactions: number;
  rolledBack: number;
  heldOpen: number;
  truncated: number;
}

/**
 * Applications that know nothing of Reindeer: each inserts, updates, deletes and changes keys, one transaction after
 * another, rolls some back, and holds one open beside them, for seconds, before it commits that late. Rows that another
 * has locked are passed over, so that what is held open does not hold up the load.
 */
export class Clients {
  readonly written: Written = { rows: 0, transactions: 0, rolledBack: 0, heldOpen: 0, truncated: 0 };
  readonly #url: string;
  readonly #shape: ClientsShape;
  readonly #random: Random;
  readonly #began = performance.now();
  readonly #holding = new Set<Promise<void>>();
  #work: Promise<unknown> = Promise.resolve();
  #truncating = false;
  #stopped = false;
  #seconds = 0;

  constructor(url: string, shape: ClientsShape, random: Random) {
    this.#url = url;
    this.#shape = shape;
    this.#random = random;
  }

  start(): this {
    const { clients } = this.#shape;
    this.#work = Promise.all(Array.from({ length: clients }, (_, at) => this.#client(at + 1, this.#random.fork())));
    // Thrown by `stop`; until then nobody listens.
    this.#work.catch(() => {});
    return this;
  }

  /** Resolves when every transaction has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    this.#seconds = (performance.now() - this.#began) / 1_000;
  }

  /** Rows a second that were committed. */
  get rate(): number {
    return this.written.rows / (this.#seconds || (performance.now() - this.#began) / 1_000);
  }

  async #client(number: number, random: Random): Promise<void> {
    const [db, held] = [await this.#connect(number), await this.#connect(number)];
    try {
      let due = performance.now();
      const truncates = number === 1 ? [...this.#shape.truncateAfterMs] : [];
      let holding: Promise<void> | null = null;
      while (!this.#stopped) {
        const { holdMs, clients, rate } = this.#shape;
        if (performance.now() - this.#began > (truncates[0] ?? Infinity)) {
          truncates.shift();
          await this.#truncate(db);
        }
        if (holding === null && holdMs > 0 && !this.#truncating) {
          const open: Promise<void> = this.#transact(held, random, random.between(holdMs / 4, holdMs)).then(() => {
            this.#holding.delete(open);
            holding = null;
          });
          holding = open;
          this.#holding.add(open);
          open.catch(() => {});
        }
        const before = this.written.rows;
        await this.#transact(db, random, 0);
        due += ((this.written.rows - before || 1) * 1_000 * clients) / rate;
        // A machine that is slower than the rate has nothing to catch up.
        due = Math.max(due, performance.now() - 1_000);
        await wait(Math.max(0, due - performance.now()));
      }
      await holding;
    } finally {
      await Promise.all([db.end(), held.end()]);
    }
  }

  async #connect(number: number): Promise<pg.Client> {
    const db = new pg.Client({ connectionString: this.#url, application_name: `client ${number}` });
    await db.connect();
    await db.query(`set lock_timeout = '250ms'`);
    return db;
  }

  async #transact(db: pg.Client, random: Random, holdMs: number): Promise<void> {
    const { written } = this;
    await db.query('begin');
    try {
      let rows = 0;
      for (let left = random.pick([1, 1, 2, 3]); left > 0; left -= 1) rows += await this.#change(db, random);
      if (holdMs > 0) await wait(holdMs);
      if (random.chance(0.1)) {
        await db.query('rollback');
        written.rolledBack += 1;
        return;
      }
      await db.query('commit');
      written.rows += rows;
      written.transactions += 1;
      if (holdMs > 0) written.heldOpen += 1;
    } catch (error) {
      await db.query('rollback');
      // A lock that was not to be had, a key that somebody else took: as an application would, it gives up.
      if (!(error instanceof pg.DatabaseError) || !EXPECTED.has(error.code ?? '')) throw error;
      written.rolledBack += 1;
    }
  }

  async #change(db: pg.Client, random: Random): Promise<number> {
    const { keys } = this.#shape;
    const from = random.between(1, keys * 2);
    const some = `(select id from item where id >= ${from} order by id limit ${random.between(1, 12)} for update skip locked)`;
    const kind = random.next();
    if (kind < 0.5) return rowsOf(await db.query(`update item set title = ${VERSION} where id in ${some}`));
    if (kind < 0.6) return rowsOf(await db.query(`delete from item where id in ${some}`));
    if (kind < 0.75)
      return rowsOf(
        await db.query(
          `update item set id = case when id > ${keys} then id - ${keys} else id + ${keys} end, title = ${VERSION} where id in ${some}`,
        ),
      );
    if (kind < 0.85) {
      // What is gone by the end of its own transaction, or has come back.
      const key = random.between(1, keys);
      await db.query(`delete from item where id = ${key}`);
      return rowsOf(await db.query(`insert into item (id, title) values (${key}, ${VERSION}) on conflict do nothing`));
    }
    return rowsOf(
      await db.query(
        `insert into item (id, title) select g, ${VERSION} from generate_series(${from}, ${from + random.between(0, 20)}) g
         on conflict do nothing`,
      ),
    );
  }

  /** Everything at once, and a part of it back, in one transaction. */
  async #truncate(db: pg.Client): Promise<void> {
    this.#truncating = true;
    try {
      await Promise.all(this.#holding);
      await db.query('begin');
      await db.query(`set local lock_timeout = '30s'`);
      await db.query('truncate item');
      await db.query(
        `insert into item (id, title) select g, ${VERSION} from generate_series(1, ${this.#shape.keys * 2}) g where g % 3 <> 0`,
      );
      await db.query('commit');
      this.written.truncated += 1;
    } finally {
      this.#truncating = false;
    }
  }
}

/** A text that no row ever had. */
const VERSION = `'version ' || nextval('version')`;

/** lock_not_available, deadlock_detected, unique_violation */
const EXPECTED = new Set(['55P03', '40P01', '23505']);

function rowsOf({ rowCount }: pg.QueryResult): number {
  return rowCount ?? 0;
}
