import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { movableAddress } from './movableAddress.ts';
import { type PrivatePostgres, startPrivatePostgres } from './privatePostgres.ts';
import { until } from './until.ts';

/** A primary and a standby that follows it without making it wait, behind one address. */
export interface PostgresPair {
  /** The url of a database of whoever the address leads to; the same for ever. Made, when it is not there yet. */
  url(database: string): Promise<string>;
  /** From now on the standby gets nothing any more: what is committed is on the primary alone. */
  holdStandby(): Promise<void>;
  /** Bytes of WAL that the standby does not have. */
  lacking(): Promise<number>;
  /** The standby has all that is committed by now. */
  standbyHasAll(): Promise<void>;
  /**
   * The standby is promoted, and the address leads to it. The primary before has died, or is `cut-off`: alive, on its
   * timeline, and reached by nobody. `downMs`: how long the address leads nowhere.
   * @returns bytes of WAL that the standby did not have
   */
  failOver(old?: 'dead' | 'cut-off', downMs?: number): Promise<number>;
  /**
   * The address leads to the primary before, which was cut off, and back again when this is called once more. Connections
   * are cut, or go on to where they led.
   */
  showOld(is: boolean, open?: 'kept'): void;
  /** The primary before is ended, and what is open to it with it. */
  endOld(): Promise<void>;
  /** A new standby, of the primary that there is now; the primary before is ended. */
  renewStandby(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgresPair(): Promise<PostgresPair> {
  const address = await movableAddress();
  let primary = await startPrivatePostgres();
  let standby: PrivatePostgres | null = null;
  let old: PrivatePostgres | null = null;
  const leadTo = async (server: PrivatePostgres) => address.moveTo(await portOf(server));
  await leadTo(primary);
  standby = await primary.startStandby();

  const pair: PostgresPair = {
    async url(database) {
      const url = new URL(await primary.url(database));
      url.port = String(address.port);
      return url.href;
    },
    async holdStandby() {
      const held = theStandby();
      await ask(held, `alter system set primary_conninfo = ''`);
      await ask(held, 'select pg_reload_conf()');
      await until('the standby gets nothing any more', async () => {
        const rows = await ask(held, 'select from pg_stat_wal_receiver');
        return rows.length === 0;
      });
    },
    async lacking() {
      const [has] = await ask<{ lsn: string }>(theStandby(), 'select pg_last_wal_replay_lsn() as lsn');
      const [lacks] = await ask<{ bytes: number }>(
        primary,
        `select (pg_current_wal_insert_lsn() - '${has?.lsn}')::float8 as bytes`,
      );
      return lacks?.bytes ?? 0;
    },
    async standbyHasAll() {
      const [row] = await ask<{ at: string }>(primary, 'select pg_current_wal_insert_lsn() as at');
      // What was committed without waiting for the disk is sent when it is there.
      await ask(primary, `select pg_logical_emit_message(true, 'standby', '')`);
      await until('the standby has all', async () => {
        const [there] = await ask<{ has: boolean }>(
          theStandby(),
          `select pg_last_wal_replay_lsn() >= '${row?.at}' as has`,
        );
        return there?.has === true;
      });
    },
    async failOver(fate = 'dead', downMs = 0) {
      const next = theStandby();
      address.moveTo(null);
      const lost = await pair.lacking();
      if (fate === 'dead') await primary.crash();
      const down = wait(downMs);
      await ask(next, 'select pg_promote()');
      await down;
      old = primary;
      primary = next;
      standby = null;
      await leadTo(primary);
      return lost;
    },
    showOld(is, open) {
      const [now, before] = [ports.get(primary), old === null ? undefined : ports.get(old)];
      if (before === undefined || now === undefined) throw new Error('There is no primary of before.');
      address.moveTo(is ? before : now, open);
    },
    async endOld() {
      await old?.stop();
      old = null;
    },
    async renewStandby() {
      await pair.endOld();
      standby = await primary.startStandby();
    },
    async stop() {
      await address.close();
      await Promise.all([old, standby, primary].map((server) => server?.stop()));
    },
  };
  return pair;

  function theStandby(): PrivatePostgres {
    if (standby === null) throw new Error('There is no standby.');
    return standby;
  }
}

const ports = new WeakMap<PrivatePostgres, number>();

async function portOf(server: PrivatePostgres): Promise<number> {
  const port = Number(new URL(await server.url('postgres')).port);
  ports.set(server, port);
  return port;
}

async function ask<R extends pg.QueryResultRow>(server: PrivatePostgres, text: string): Promise<R[]> {
  const db = new pg.Client({ connectionString: await server.url('postgres') });
  await db.connect();
  try {
    return (await db.query<R>(text)).rows;
  } finally {
    await db.end();
  }
}
