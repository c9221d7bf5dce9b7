import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastJson } from '../../support/deployment.ts';
import { deploySource, FOLLOWED, type SourceDeployment } from './sourceFixture.ts';

interface Checked {
  readonly ok: boolean;
  readonly findings: readonly { kind: string; place: string; text: string; code: string | null }[];
}

/** Each goes on where the one before ended, as a person would. */
describe('migrate --source, and what check says', () => {
  let d: SourceDeployment;
  let asOwner: pg.Client;
  beforeAll(async () => {
    d = await deploySource('migrate_source');
    asOwner = new pg.Client({ connectionString: d.ownerUrl });
    await asOwner.connect();
  });
  afterAll(async () => {
    await asOwner.end();
    await d.close();
  });

  const changes = async () => {
    const result = await d.reindeer(['check', '--connect', '--json']);
    const { findings } = lastJson<Checked>(result);
    return { code: result.code, findings: findings.filter(({ place }) => place.endsWith('.changes')) };
  };
  const schemas = async () =>
    (await d.db.query(`select 1 from pg_namespace where nspname = 'reindeer_log'`)).rowCount ?? 0;

  test('where no index asks for a log it says so, and does nothing', async () => {
    await d.follow('');
    expect(await d.reindeer(['migrate', '--source'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^No index asks for a log of changes: .* Nothing was done\.\n$/),
    });
    expect(lastJson(await d.reindeer(['migrate', '--source', '--json']))).toEqual({
      dryRun: false,
      remove: false,
      indexes: [],
    });
    expect(await schemas()).toBe(0);
  });

  test('its options need --source, a connection that there is, and one server for a url', async () => {
    await d.follow(FOLLOWED);
    for (const [args, message] of [
      [['migrate', '--url', d.ownerUrl], '--url is only for `reindeer migrate --source`'],
      [['migrate', '--remove'], '--remove is only for'],
      [['migrate', '--source', '--connection', 'shopp'], 'there is shop, db'],
    ] as const) {
      const { code, stderr } = await d.reindeer([...args]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    }
    expect(await d.reindeer(['migrate', '--source', '--connection', 'db'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No index asks for a log of changes on connection db'),
    });
  });

  test('check names what is missing, and the command', async () => {
    const { code, findings } = await changes();
    expect(code).toBe(2);
    expect(findings.map((finding) => finding.code)).toEqual([
      'log-missing',
      'table-missing',
      'table-missing',
      'grant-missing',
    ]);
    expect(findings[0]?.text).toContain('reindeer migrate --source --connection shop');
  });

  test('a role that owns nothing is told whose url to give, without its password', async () => {
    const { code, stdout, stderr } = await d.reindeer(['migrate', '--source']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/\(log-permission\).*reindeer migrate --source --connection shop --url postgres:/);
    expect(stdout + stderr).not.toContain('secret-of-a-role');
    expect(await schemas()).toBe(0);
  });

  test('--dry-run prints the SQL, changes nothing, and psql could run it as it is', async () => {
    const { code, stdout } = await d.reindeer(['migrate', '--source', '--dry-run', '--url', d.ownerUrl]);
    expect(code).toBe(0);
    expect(await schemas()).toBe(0);
    expect(stdout.match(/^begin;$/gm)).toHaveLength(4);
    expect(stdout).toContain(`grant usage on schema "reindeer_log" to "${d.reader}";`);
    const json = lastJson<{ indexes: { transactions: string[][]; reader: string }[] }>(
      await d.reindeer(['migrate', '--source', '--dry-run', '--json', '--url', d.ownerUrl]),
    );
    expect(json.indexes).toMatchObject([{ index: 'cities', connection: 'shop', reader: d.reader }]);
    expect(json.indexes[0]?.transactions.map((one) => one.join('\n')).join('\n')).toBe(
      stdout
        .split('\n')
        .filter((line) => !line.startsWith('-- '))
        .join('\n')
        .trim(),
    );
    await asOwner.query(stdout);
    expect(await changes()).toMatchObject({
      code: 0,
      findings: [{ kind: 'works', text: expect.stringContaining('by triggers') }],
    });
    await d.db.query('drop schema reindeer_log cascade');
  });

  test('--dry-run as the reader is what an owner can run: it has the grants too', async () => {
    const { stdout } = await d.reindeer(['migrate', '--source', '--dry-run']);
    expect(stdout).toContain(`grant select, delete on "reindeer_log"."changes" to "${d.reader}";`);
    await asOwner.query(stdout);
    expect(await changes()).toMatchObject({ code: 0, findings: [{ kind: 'works' }] });
    await d.db.query('drop schema reindeer_log cascade');
  });

  test('a reader that may make schemas leaves no half of a log that its owner could not go on with', async () => {
    const { rows } = await d.db.query<{ name: string }>('select current_database() as name');
    const right = `create on database "${rows[0]?.name}"`;
    await d.db.query(`grant ${right} to ${d.reader}`);
    try {
      const { code, stderr } = await d.reindeer(['migrate', '--source']);
      expect(code).toBe(2);
      expect(stderr).toMatch(/\(log-permission\).*does not own "public"\."city".*--url postgres:/);
      expect(await schemas()).toBe(0);
      const { stdout } = await d.reindeer(['migrate', '--source', '--dry-run']);
      expect(stdout).toContain(`grant select, delete on "reindeer_log"."changes" to "${d.reader}";`);
    } finally {
      await d.db.query(`revoke ${right} from ${d.reader}`);
    }
  });

  test('it installs as the owner, says what it did, and finds nothing to do afterwards', async () => {
    const { code, stdout } = await d.reindeer(['migrate', '--source', '--url', d.ownerUrl]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `cities (connection shop, schema reindeer_log)
  log: created
  public.city: triggers installed, its changes are logged from now on
  public.country: triggers installed, its changes are logged from now on
  grants: grant usage on schema "reindeer_log" to "${d.reader}"; grant select, update on "reindeer_log"."state" to "${d.reader}"; grant select on "reindeer_log"."logs" to "${d.reader}"; grant select, delete on "reindeer_log"."changes" to "${d.reader}";
`,
    });
    expect(await changes()).toMatchObject({ code: 0, findings: [{ kind: 'works' }] });
    await d.db.query(`update public.city set name = 'x' where id = 1`);
    expect((await d.db.query('select key from reindeer_log.changes')).rows).toEqual([{ key: ['1'] }]);
    // The reader finds nothing to do either, though it might not do it.
    expect(await d.reindeer(['migrate', '--source'])).toMatchObject({
      code: 0,
      stdout: 'cities (connection shop, schema reindeer_log): as it must be, nothing was done\n',
    });
  });

  test('grants that are gone are told as SQL, which is all it takes', async () => {
    await asOwner.query(
      `revoke all on schema reindeer_log from ${d.reader}; revoke delete on reindeer_log.changes from ${d.reader}`,
    );
    const { code, findings } = await changes();
    expect({ code, codes: findings.map((finding) => finding.code) }).toEqual({ code: 2, codes: ['grant-missing'] });
    const sql = findings[0]?.text.slice(findings[0].text.indexOf('grant ')) ?? '';
    expect(sql).toBe(
      `grant usage on schema "reindeer_log" to "${d.reader}"; grant delete on "reindeer_log"."changes" to "${d.reader}";`,
    );
    await asOwner.query(sql);
    expect(await changes()).toMatchObject({ code: 0, findings: [{ kind: 'works' }] });
  });

  test('a trigger that was off is told, and installing again says what that means', async () => {
    const { rows } = await d.db.query<{ name: string }>(
      `select tgname as name from pg_trigger where tgrelid = 'public.city'::regclass and tgname like 'reindeer\\_insert%'`,
    );
    await asOwner.query(`alter table public.city disable trigger ${rows[0]?.name}`);
    expect(await changes()).toMatchObject({ code: 2, findings: [{ code: 'trigger-disabled' }] });
    expect(await d.reindeer(['migrate', '--source', '--url', d.ownerUrl])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/public\.city: triggers installed anew; .* owes a refresh\. .* is disabled/),
    });
    expect(await changes()).toMatchObject({ code: 0, findings: [{ kind: 'works' }] });
  });

  test.each([
    [
      `table: 'public.land', key: ['code'], keys: 'select 1'`,
      'table-unknown',
      /dependencies\.\S+\.table: there is no table "public\.land"/,
    ],
    [
      `table: 'public.country', key: ['iso'], keys: 'select 1'`,
      'column-unknown',
      /dependencies\.\S+\.key: column "iso" is not there/,
    ],
    [
      `table: 'public.country', key: ['code'], keys: 'select id from public.citty where country = $1'`,
      'dependency-invalid',
      /\.keys: the server does not take it: relation "public\.citty" does not exist/,
    ],
    [
      `table: 'public.country', key: ['code'], keys: 'select id from public.city'`,
      'dependency-invalid',
      /\.keys: the server does not take it: bind message supplies 1 parameters, .* use each of \$1/,
    ],
    [
      `table: 'public.country', key: ['code'], keys: 'select id, name from public.city where country = $1'`,
      'dependency-invalid',
      /it gives 2 columns, and the index's key has 1: id/,
    ],
    [
      `table: 'public.country', key: ['code'], keys: 'select updated_at from public.city where country = $1'`,
      'dependency-invalid',
      /cannot cast type timestamp with time zone to bigint/,
    ],
  ])('check looks at each dependency: %s', async (dependency, code, message) => {
    await d.follow(`changes: 'log', dependencies: [{ ${dependency} }]`);
    const { findings } = await changes();
    expect(findings).toMatchObject([{ kind: 'wrong', code, text: expect.stringMatching(message) }]);
  });

  test('check says when keys of a dependency have another type', async () => {
    await d.follow(
      `changes: 'log', dependencies: [{ table: 'public.country', key: ['code'], keys: 'select id::int from public.city where country = $1' }]`,
    );
    expect((await changes()).findings).toMatchObject([
      { kind: 'works' },
      { kind: 'warning', text: expect.stringContaining('it gives integer for "id", which is bigint') },
    ]);
  });

  test('--remove takes the triggers away; the dry run says by what', async () => {
    await d.follow(FOLLOWED);
    const dry = await d.reindeer(['migrate', '--source', '--remove', '--dry-run', '--url', d.ownerUrl]);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('drop trigger if exists') });
    const triggers = async () =>
      (await d.db.query(`select 1 from pg_trigger where tgname like 'reindeer%'`)).rowCount ?? 0;
    expect(await triggers()).toBe(10);
    expect(await d.reindeer(['migrate', '--source', '--remove', '--url', d.ownerUrl])).toMatchObject({
      code: 0,
      stdout: 'cities (connection shop, schema reindeer_log): its triggers are gone\n',
    });
    expect(await triggers()).toBe(0);
  });
});

describe('check of a modified column', () => {
  let d: SourceDeployment;
  beforeAll(async () => {
    d = await deploySource('check_modified');
  });
  afterAll(() => d.close());

  const source = async (modified: string) => {
    await d.follow(`changes: 'modified-column', modified: '${modified}'`);
    const result = await d.reindeer(['check', '--connect', '--json']);
    const { findings } = lastJson<Checked>(result);
    return findings.filter(({ place }) => place.startsWith('indexes.cities.source'));
  };

  test.each([
    ['updated', 'column-unknown', /source\.modified: column "updated" is not there/],
    ['id', 'modified-type', /source\.modified: "id" is no timestamp/],
  ])('refuses %s', async (column, code, message) => {
    expect(await source(column)).toMatchObject([{ kind: 'wrong', code, text: expect.stringMatching(message) }]);
  });

  test('says what it loses and how to mend it, until it is exact', async () => {
    await d.db.query('alter table public.city alter column updated_at drop not null');
    const lagging = await source('updated_at');
    expect(lagging.at(-1)?.text).toMatch(/changes are found by "updated_at", lagged by 5 min/);
    const sql = lagging
      .filter(({ kind }) => kind === 'warning')
      .map(({ text }) => text.slice(text.search(/CREATE INDEX|ALTER TABLE|GRANT /)));
    expect(sql.toSorted()).toEqual([
      'ALTER TABLE "public"."city" ALTER COLUMN "updated_at" SET NOT NULL;',
      'CREATE INDEX CONCURRENTLY ON "public"."city" ("updated_at", "id");',
      `GRANT pg_read_all_stats TO "${d.reader}";`,
    ]);
    for (const statement of sql) await d.db.query(statement);
    const exact = await source('updated_at');
    expect(exact.map(({ kind }) => kind)).toEqual(['works', 'works']);
    expect(exact[1]?.text).toMatch(/changes are found by "updated_at", exact$/);
  });
});
