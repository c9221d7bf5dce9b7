import type { Key, SourceDefinition } from '@reindeer/core';
import pg from 'pg';
import type {
  FollowedFixture,
  KeyKind,
  LoggedFixture,
  SourceFixture,
  SourceHarness,
  SourceRow,
  SourceWriter,
} from '../../../packages/connectors/src/conformance/sourceHarness.ts';
import { installLog, logTarget, openLogPool } from '../../../packages/connectors/src/postgres-log/index.ts';
import {
  type FollowedColumn,
  type FollowedLog,
  openPostgresSource,
} from '../../../packages/connectors/src/postgres-source/index.ts';
import { sourceDefinition } from '../../support/sourceDefinition.ts';
import { testPool } from '../../support/testPool.ts';

const TYPES: Readonly<Record<KeyKind, string>> = {
  integer: 'bigint',
  text: 'text collate "en-US-x-icu"',
  'bytes-text': 'text collate "C"',
  instant: 'timestamptz',
  uuid: 'uuid',
};

const CAST: Readonly<Record<KeyKind, string>> = {
  integer: 'bigint',
  text: 'text',
  'bytes-text': 'text',
  instant: 'timestamptz',
  uuid: 'uuid',
};

/** Tables in the database at `url()`, each with a source of its own. */
export function postgresSourceHarness(name: string, url: () => string, from: 'table' | 'query'): SourceHarness {
  return {
    name,
    open: async (kinds) => await openFixture(url(), kinds, from),
    // What a query's tables change is followed as dependencies, whose keys are not the index's.
    ...(from === 'table' ? { openLogged: async (kinds) => await openLoggedFixture(url(), kinds) } : {}),
    openModified: async (kinds) => await openModifiedFixture(url(), kinds, from),
  };
}

interface OpenedTable extends SourceFixture {
  readonly pool: pg.Pool;
  readonly table: string;
  readonly name: string;
  readonly definition: SourceDefinition;
  /** Statements by which a connection writes rows. */
  readonly writing: (client: pg.Pool | pg.PoolClient) => Pick<SourceFixture, 'put' | 'remove'> & {
    rekey(from: Key, to: Key): Promise<void>;
  };
}

async function openFixture(
  url: string,
  kinds: readonly KeyKind[],
  from: 'table' | 'query',
  changes?: FollowedLog | FollowedColumn,
): Promise<OpenedTable> {
  const pool = testPool(url, { options: '-c timezone=UTC' });
  // A server that is stopped tells so on connections that are just being closed.
  pool.on('error', () => {});
  const columns = kinds.map((_, place) => `k${place + 1}`);
  const list = columns.join(', ');
  const casts = columns.map((column, place) => `(r->>'${column}')::${CAST[kinds[place] ?? 'text']}`);
  const definitions = kinds.map((kind, place) => `k${place + 1} ${TYPES[kind]}`);
  const name = `table "${++tables}"`;
  const table = `public.${pg.escapeIdentifier(name)}`;
  await pool.query(
    `create table ${table} (${definitions.join(', ')}, label text, amount numeric, primary key (${list}))`,
  );
  if (changes?.kind === 'modified-column') await pool.query(stamped(table, list));
  const definition = sourceDefinition('shop', name, {
    key: columns,
    ...(from === 'query' ? { query: `select * from ${table} -- all of them` } : {}),
    ...(changes?.kind === 'modified-column' ? { changes: changes.kind, modified: 'modified', lagMs: 0 } : {}),
  });
  const source = openPostgresSource({
    connection: { name: 'shop', url },
    index: 'cities',
    fingerprint: 'first',
    definition,
    ...(changes === undefined ? {} : { changes }),
  });
  const asRecord = (key: readonly string[]) => Object.fromEntries(columns.map((column, place) => [column, key[place]]));
  const writing = (client: pg.Pool | pg.PoolClient) => ({
    put: async (rows: readonly SourceRow[]) => {
      const records = rows.map((row) => ({ ...asRecord(row.key), label: row.label, amount: row.amount }));
      await client.query(
        `insert into ${table} select ${casts.join(', ')}, r->>'label', (r->>'amount')::numeric from json_array_elements($1::json) as r
         on conflict (${list}) do update set label = excluded.label, amount = excluded.amount`,
        [JSON.stringify(records)],
      );
    },
    remove: async (keys: readonly Key[]) => {
      await client.query(
        `delete from ${table} where (${list}) in (select ${casts.join(', ')} from json_array_elements($1::json) as r)`,
        [JSON.stringify(keys.map(asRecord))],
      );
    },
    rekey: async (before: Key, after: Key) => {
      await client.query(
        `update ${table} set (${list}) = (select ${casts.join(', ')} from (select $2::json as r) as s)
          where (${list}) = (select ${casts.join(', ')} from (select $1::json as r) as s)`,
        [JSON.stringify(asRecord(before)), JSON.stringify(asRecord(after))],
      );
    },
  });
  return {
    source,
    pool,
    table,
    name,
    definition,
    writing,
    put: writing(pool).put,
    remove: writing(pool).remove,
    relabel: async (label) => {
      await pool.query(`update ${table} set label = $1`, [label]);
    },
    keys: async () => {
      const texts = columns.map((column) => `t.${column}::text`).join(', ');
      const order = columns.map((column) => `t.${column}`).join(', ');
      const text = `select ${texts} from ${table} as t order by ${order}`;
      return (await pool.query<string[]>({ text, rowMode: 'array' })).rows;
    },
    stall: async () => {
      const client = await pool.connect();
      await client.query(`begin; lock table ${table} in access exclusive mode`);
      return async () => {
        await client.query('rollback');
        client.release();
      };
    },
    running: async () => {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
          where datname = current_database() and application_name in ('reindeer source', 'reindeer log') and state = 'active'`,
      );
      return rows[0]?.n ?? 0;
    },
    close: async () => {
      await source.close();
      await pool.query(`drop table ${table}`);
      await pool.end();
    },
  };
}

let tables = 0;

/** The same with a log of its own, in a schema whose name must be quoted. */
async function openLoggedFixture(url: string, kinds: readonly KeyKind[]): Promise<LoggedFixture> {
  const schema = `log "${tables + 1}"`;
  const fixture = await openFixture(url, kinds, 'table', { kind: 'log', schema });
  const { pool, table, definition, writing } = fixture;
  const writer = openLogPool(url);
  const writers = testPool(url, { max: 10, options: '-c timezone=UTC' });
  const install = async () => {
    const target = logTarget({ connection: 'shop', index: 'cities', definition, schema, writer });
    await installLog(target, null, new AbortController().signal);
  };
  await install();
  return {
    ...fixture,
    begin: async () => await beginWriting(await writers.connect(), writing),
    truncate: async () => {
      await pool.query(`truncate ${table}`);
    },
    unseen: async (work) => {
      await pool.query(`alter table ${table} disable trigger all`);
      await work();
      await pool.query(`alter table ${table} enable trigger all`);
    },
    install,
    logged: async () => {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::int as n from ${pg.escapeIdentifier(schema)}.changes`,
      );
      return rows[0]?.n ?? 0;
    },
    close: async () => {
      await writers.end();
      await writer.end();
      await pool.query(`drop schema ${pg.escapeIdentifier(schema)} cascade`);
      await fixture.close();
    },
  };
}

/** The same with a column that says when a row was modified. */
async function openModifiedFixture(
  url: string,
  kinds: readonly KeyKind[],
  from: 'table' | 'query',
): Promise<FollowedFixture> {
  const fixture = await openFixture(url, kinds, from, { kind: 'modified-column' });
  const writers = testPool(url, { max: 10, options: '-c timezone=UTC' });
  return {
    ...fixture,
    begin: async () => await beginWriting(await writers.connect(), fixture.writing),
    close: async () => {
      await writers.end();
      await fixture.close();
    },
  };
}

/** One stamp in a thousand would look cut to milliseconds, and its row come again in a query. */
function stamped(table: string, key: string): string {
  return `alter table ${table} add modified timestamptz not null;
    create or replace function stamp() returns trigger language plpgsql as $$ begin
      new.modified := now() + case when extract(microseconds from now())::bigint % 1000 = 0 then interval '1 us' else '0' end;
      return new;
    end $$;
    create trigger stamp before insert or update on ${table} for each row execute function stamp();
    create index on ${table} (modified, ${key})`;
}

async function beginWriting(client: pg.PoolClient, writing: OpenedTable['writing']): Promise<SourceWriter> {
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  let savepoints = 0;
  const end = (statement: string) => async () => {
    await client.query(statement);
    client.release();
  };
  return {
    ...writing(client),
    pid: rows[0]?.pid ?? 0,
    savepoint: async () => {
      savepoints += 1;
      const name = `s${savepoints}`;
      await client.query(`savepoint ${name}`);
      return async () => {
        await client.query(`rollback to savepoint ${name}`);
      };
    },
    commit: end('commit'),
    rollback: end('rollback'),
  };
}
