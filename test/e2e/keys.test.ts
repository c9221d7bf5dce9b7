import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploy } from '../support/deployment.ts';
import { until } from '../support/until.ts';

/** Each table: how it is made and filled, its key, and how PostgreSQL says its id as text. */
const TABLES: Record<string, { sql: string; table: string; key: string[]; id: string }> = {
  bigints: {
    sql: `create table bigints (id bigint primary key, v text);
          insert into bigints select (n - 50)::bigint * 1000000007, 'v' || n from generate_series(1, 100) n;
          insert into bigints values (9007199254740993, 'a'), (9007199254740992, 'b'), (9223372036854775807, 'c'), (-9223372036854775808, 'd')`,
    table: 'public.bigints',
    key: ['id'],
    id: `id::text`,
  },
  uuids: {
    sql: `create table uuids (id uuid primary key, v text); insert into uuids select gen_random_uuid(), 'v' || n from generate_series(1, 500) n`,
    table: 'public.uuids',
    key: ['id'],
    id: `id::text`,
  },
  icu: {
    sql: `create table icu (id text collate "en-US-x-icu" primary key, v text);
          insert into icu values ('a', '1'), ('B', '2'), ('ä', '3'), ('Z', '4'), ('z', '5'), ('', '6'), (' ', '7'), (E'q\\'u"o', '8'),
            (E'line\\nbreak', '9'), ('😀', '10'), (E'\\u2028', '11'), (E'back\\\\slash', '12'), ('co:lon', '13');
          insert into icu select chr(97 + n % 26) || n, 'w' from generate_series(1, 300) n`,
    table: 'public.icu',
    key: ['id'],
    id: `id`,
  },
  ctext: {
    sql: `create table ctext (id text collate "C" primary key, v text);
          insert into ctext select upper(md5(n::text)) || md5(n::text), 'v' from generate_series(1, 300) n; insert into ctext values ('', 'empty')`,
    table: 'public.ctext',
    key: ['id'],
    id: `id`,
  },
  composite: {
    sql: `create table composite (tenant text, day date, id bigint, v text, primary key (tenant, day, id));
          insert into composite select case when n % 10 = 0 then 'a:b\\c' else 'big' end, date '2024-01-01' + n % 40, n, 'v' from generate_series(1, 700) n`,
    table: 'public.composite',
    key: ['tenant', 'day', 'id'],
    id: `replace(replace(tenant, '\\', '\\\\'), ':', '\\:') || ':' || day || ':' || id`,
  },
  instants: {
    sql: `create table instants (at timestamptz primary key, v text);
          insert into instants select timestamptz '2024-03-31 00:59:59.999990+00' + n * interval '1 microsecond', 'v' from generate_series(1, 300) n`,
    table: 'public.instants',
    key: ['at'],
    id: `at::text`,
  },
  numerics: {
    sql: `create table numerics (id numeric primary key, v text);
          insert into numerics select n / 7.0, 'v' from generate_series(-100, 100) n; insert into numerics values (1e40, 'big'), (0.10, 'trim')`,
    table: 'public.numerics',
    key: ['id'],
    id: `trim_scale(id)::text`,
  },
  weird: {
    sql: `create schema "Weird Schema"; create table "Weird Schema"."Weird ""Name""" ("The Key" int primary key, "select" text, "col.umn" text);
          insert into "Weird Schema"."Weird ""Name""" select n, E'quote\\' "double" \\n \\u2028 😀 \\\\', '' from generate_series(1, 50) n`,
    table: `"Weird Schema"."Weird ""Name"""`,
    key: ['The Key'],
    id: `"The Key"::text`,
  },
  few: {
    sql: `create table few (id int primary key, v text); insert into few values (1, 'a'), (2, 'b'), (3, 'c')`,
    table: 'public.few',
    key: ['id'],
    id: `id::text`,
  },
  none: { sql: `create table "none" (id int primary key, v text)`, table: 'public.none', key: ['id'], id: `id::text` },
};

describe('keys that break toys', () => {
  let d: Deployment;
  beforeEach(async () => {
    d = await deploy('keys', 'postgres');
  });
  afterEach(() => d.close());

  it('come through exactly: the index is the table, whatever its key', async () => {
    for (const { sql } of Object.values(TABLES)) await d.db.query(sql);
    const indexes = Object.entries(TABLES).map(
      ([name, { table, key }]) =>
        `${name}_i: { source: { connection: 'db', table: ${JSON.stringify(table)}, key: ${JSON.stringify(key)} }, sink: { connection: 'db' }, shards: 3, rebuild: { slices: 12 } }`,
    );
    await d.configure(`{ ${indexes.join(',\n')} }`);
    await d.start('scheduler');
    await d.start('worker');
    for (const [name, { table, id }] of Object.entries(TABLES)) {
      await built(d, `${name}_i`);
      const quoted = table.startsWith('"')
        ? table
        : table
            .split('.')
            .map((part) => `"${part}"`)
            .join('.');
      const { rows } = await d.db.query(
        `select count(*) filter (where i.id is null)::int as missing, count(*) filter (where t.id is null)::int as extra,
                count(*) filter (where i.body is distinct from t.body)::int as wrong
           from (select (${id}) collate "C" as id, to_jsonb(s) as body from ${quoted} s) t
           full join ${name}_i i on i.id = t.id`,
      );
      expect({ name, ...rows[0] }).toEqual({ name, missing: 0, extra: 0, wrong: 0 });
    }
  });
});

/** Nothing is live at first, so the scheduler builds each by itself. */
async function built(d: Deployment, index: string): Promise<void> {
  const run = await until(`${index} to be built`, async () => {
    const { rows } = await d.db.query<{ status: string; error: string | null }>(
      `select status, error from reindeer.runs where index = $1 and finished_at is not null`,
      [index],
    );
    return rows[0];
  });
  expect({ index, ...run }).toEqual({ index, status: 'completed', error: null });
}
