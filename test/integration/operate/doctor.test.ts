import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastJson } from '../../support/deployment.ts';
import { until } from '../../support/until.ts';
import { deploySource, FOLLOWED, type SourceDeployment } from './sourceFixture.ts';

interface Diagnosis {
  readonly severity: 'critical' | 'warning' | 'note';
  readonly index: string | null;
  readonly code: string;
  readonly message: string;
  readonly since: string | null;
  readonly remedy: string | null;
}

/** Each goes on where the one before ended: what is found is mended by what the finding says. */
describe('doctor', () => {
  let d: SourceDeployment;
  let asOwner: pg.Client;
  beforeAll(async () => {
    d = await deploySource('doctor');
    asOwner = new pg.Client({ connectionString: d.ownerUrl });
    await asOwner.connect();
    await d.follow(FOLLOWED, `rebuild: { maxLag: '5s' },`);
  });
  afterAll(async () => {
    await asOwner.end();
    await d.close();
  });

  const doctor = async () => {
    const result = await d.reindeer(['doctor', '--json']);
    const findings = lastJson<readonly Diagnosis[]>(result);
    return { code: result.code, findings, wrong: findings.filter(({ severity }) => severity !== 'note') };
  };
  const named = async (code: string) => {
    const found = await until(`doctor names ${code}`, async () => {
      const { code: exit, findings } = await doctor();
      const finding = findings.find((one) => one.code === code);
      return finding === undefined ? undefined : { exit, ...finding };
    });
    if (found.severity !== 'note') expect(found.exit).toBe(3);
    return found;
  };
  /** What was mended may owe a refresh, or a try of the feed, that comes by itself. */
  const clean = async () => {
    let last: unknown;
    await until('doctor finds nothing', async () => {
      const { code, wrong } = await doctor();
      last = wrong;
      return code === 0;
    }).catch((error: unknown) => {
      throw new Error(`Still: ${JSON.stringify(last)}`, { cause: error });
    });
  };
  /** As the owner of the tables would, with the url that only they have. */
  const follow = async (remedy: string | null | undefined) => {
    const [verb, ...args] = (remedy ?? '').split(' ');
    expect(verb).toBe('reindeer');
    const more = args[0] === 'migrate' && args.includes('--source') ? ['--url', d.ownerUrl] : [];
    const result = await d.reindeer([...args, ...more]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
  };

  test('names a ledger that is not there yet, and looks at source and sink all the same', async () => {
    const { code, wrong } = await doctor();
    expect(code).toBe(3);
    expect(wrong).toMatchObject([
      { severity: 'critical', index: null, code: 'ledger-not-migrated', remedy: 'reindeer migrate' },
      { severity: 'critical', index: 'cities', code: 'log-missing' },
    ]);
    await follow(wrong[0]?.remedy);
    await follow(wrong[1]?.remedy);
  });

  test('names processes that are missing, and an index with nothing live', async () => {
    const { wrong } = await doctor();
    expect(wrong).toMatchObject([
      { code: 'no-scheduler', severity: 'critical', remedy: 'reindeer scheduler' },
      { code: 'no-worker', severity: 'critical', remedy: 'reindeer worker' },
      { code: 'no-generation', severity: 'critical', remedy: 'reindeer run cities' },
    ]);
    // A scheduler builds what is not there by itself.
    await d.start('scheduler');
    await d.start('worker');
    await clean();
    expect(await d.reindeer(['doctor'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^✔ Nothing is wrong\./),
    });
  });

  test('names a trigger that was disabled by hand', async () => {
    const { rows } = await d.db.query<{ name: string }>(
      `select tgname as name from pg_trigger where tgrelid = 'public.city'::regclass and tgname like 'reindeer\\_update%'`,
    );
    await asOwner.query(`alter table public.city disable trigger ${rows[0]?.name}`);
    const finding = await named('trigger-disabled');
    expect(finding).toMatchObject({
      severity: 'critical',
      index: 'cities',
      message: expect.stringMatching(/"reindeer_update_\w+" on "public"\."city" is disabled/),
      remedy: 'reindeer migrate --source --connection shop',
    });
    await follow(finding.remedy);
    await clean();
  });

  test('names a function that was replaced', async () => {
    const { rows } = await d.db.query<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'reindeer_log'::regnamespace and proname like 'row\\_%' limit 1`,
    );
    await asOwner.query(
      `create or replace function reindeer_log.${rows[0]?.name}() returns trigger language plpgsql security definer as 'begin return null; end'`,
    );
    const finding = await named('function-altered');
    expect(finding.message).toEqual(expect.stringContaining(rows[0]?.name ?? '?'));
    await follow(finding.remedy);
    await clean();
  });

  test('names a log that was dropped', async () => {
    await d.db.query('drop schema reindeer_log cascade');
    await follow((await named('log-missing')).remedy);
    await clean();
  });

  test('names grants that are gone, by the very SQL', async () => {
    await asOwner.query(`revoke select on reindeer_log.changes from ${d.reader}`);
    const { remedy } = await named('grant-missing');
    expect(remedy).toBe(`grant select on "reindeer_log"."changes" to "${d.reader}";`);
    await asOwner.query(remedy ?? '');
    await clean();
  });

  test('names a hold, by whom and why', async () => {
    await d.reindeer(['pause', 'cities', '--note', 'the shop migrates']);
    const finding = await named('paused');
    expect(finding).toMatchObject({
      severity: 'warning',
      index: 'cities',
      message: expect.stringMatching(/held by .*: the shop migrates$/),
      since: expect.any(String),
    });
    await follow(finding.remedy);
    await clean();
  });

  test('names a hold that is on every index, and the way out', async () => {
    await d.reindeer(['pause', '--all', 'verify', '--note', 'the engine is upgraded']);
    expect((await d.reindeer(['resume', 'cities', 'verify'])).stdout).toMatch(
      /Still held: paused on every index verify/,
    );
    const { remedy, message } = await named('paused');
    expect(message).toMatch(/^Of every index: verify is held by .*: the engine is upgraded$/);
    expect(remedy).toBe('reindeer resume --all verify');
    await follow(remedy);
    await clean();
  });

  test('names a transaction that was left open, by pid, age and database, once it may see it', async () => {
    const writer = new pg.Client({ connectionString: d.ownerUrl, application_name: 'a shop' });
    await writer.connect();
    try {
      await writer.query('begin');
      await writer.query(`update public.city set name = 'secret text' where id = 5`);
      const { rows } = await writer.query<{ pid: number; database: string }>(
        'select pg_backend_pid() as pid, current_database() as database',
      );
      const [{ pid, database } = { pid: 0, database: '' }] = rows;
      const hidden = await until('a transaction is known of, and nothing more', async () => {
        const { findings } = await doctor();
        return findings.find(({ code, message }) => code === 'grant-missing' && message.includes(`${pid}`));
      });
      expect(hidden).toMatchObject({ severity: 'note', remedy: `grant pg_read_all_stats to "${d.reader}";` });
      await d.db.query(hidden.remedy ?? '');
      const found = await until('the transaction is named', async () => {
        const { findings } = await doctor();
        return findings.find(({ code, message }) => code === 'transaction-open' && message.includes(`pid ${pid},`));
      });
      expect(found).toMatchObject({
        severity: 'note',
        since: expect.any(String),
        remedy: `select pg_terminate_backend(${pid});`,
      });
      expect(found?.message).toMatch(
        new RegExp(
          `^A transaction, open for [\\d.]+ s: pid ${pid}, database ${database}, user ${d.owner}, application "a shop", idle in transaction on connection shop\\.`,
        ),
      );
      expect(found?.message).not.toContain('secret text');
      await writer.query('commit');
      expect((await doctor()).findings.filter(({ message }) => message.includes(`pid ${pid},`))).toEqual([]);
      await clean();
    } finally {
      await writer.end();
    }
  });

  test('names a sink in which nothing is live any more, and a rebuild mends it', async () => {
    await d.db.query('drop view public.cities');
    expect(await named('sink-moved')).toMatchObject({ severity: 'critical', remedy: 'reindeer run cities' });
    await d.reindeer(['run', 'cities', '--wait']);
    expect((await doctor()).findings.map(({ code }) => code)).not.toContain('sink-moved');
  });

  test('ends with 1 where a server does not answer, and still looks at the others', async () => {
    await d.configure(
      `{ cities: { source: { connection: 'shop', table: 'public.city', key: ['id'] }, sink: { connection: 'db' } } }`,
      `connections: { shop: { kind: 'postgres', url: 'postgres://u:s3cret-word@127.0.0.1:1/shop' }, db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} } }`,
    );
    const { code, findings } = await doctor();
    expect(code).toBe(1);
    expect(findings.find(({ code }) => code === 'source-unavailable')).toMatchObject({
      severity: 'critical',
      index: 'cities',
      message: expect.stringContaining('Connection "shop" does not answer'),
    });
    expect(JSON.stringify(findings)).not.toContain('s3cret-word');
  });
});
