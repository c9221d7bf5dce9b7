import pg from 'pg';
import type {
  KeyKind,
  SourceFixture,
  SourceHarness,
} from '../../../packages/connectors/src/conformance/sourceHarness.ts';
import { openPostgresSource } from '../../../packages/connectors/src/postgres-source/index.ts';
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
  return { name, open: async (kinds) => await openFixture(url(), kinds, from) };
}

async function openFixture(url: string, kinds: readonly KeyKind[], from: 'table' | 'query'): Promise<SourceFixture> {
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
  const source = openPostgresSource({
    connection: { name: 'shop', url },
    index: 'cities',
    fingerprint: 'first',
    definition: {
      connection: 'shop',
      table: from === 'table' ? { schema: 'public', name } : null,
      query: from === 'query' ? `select * from ${table} -- all of them` : null,
      key: columns,
      columns: null,
      where: null,
      deleted: null,
      changes: 'none',
    },
  });
  const asRecord = (key: readonly string[]) => Object.fromEntries(columns.map((column, place) => [column, key[place]]));
  return {
    source,
    put: async (rows) => {
      const records = rows.map((row) => ({ ...asRecord(row.key), label: row.label, amount: row.amount }));
      await pool.query(
        `insert into ${table} select ${casts.join(', ')}, r->>'label', (r->>'amount')::numeric from json_array_elements($1::json) as r
         on conflict (${list}) do update set label = excluded.label, amount = excluded.amount`,
        [JSON.stringify(records)],
      );
    },
    remove: async (keys) => {
      await pool.query(
        `delete from ${table} where (${list}) in (select ${casts.join(', ')} from json_array_elements($1::json) as r)`,
        [JSON.stringify(keys.map(asRecord))],
      );
    },
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
          where datname = current_database() and application_name = 'reindeer source' and state = 'active'`,
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
