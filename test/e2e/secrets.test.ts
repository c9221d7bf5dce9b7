import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Certificates, canMakeCertificates, makeCertificates } from '../support/certificates.ts';
import { type Deployment, deploy, type Running } from '../support/deployment.ts';
import { canStartRedis, type PrivateRedis, startPrivateRedis } from '../support/privateRedis.ts';
import { reservedPort } from '../support/reservedPort.ts';
import { until } from '../support/until.ts';

/** Each in the one place where it belongs; found anywhere else, it leaked. */
const SECRETS = {
  database: 'Zebra-database-1',
  queue: 'Zebra-queue-2',
  rotated: 'Zebra-rotated-3',
  dashboard: 'Zebra dashboard 4',
  metrics: 'Zebra-metrics-5',
} as const;

const COUNT = 20_000;

let d: Deployment;
let redis: PrivateRedis;
let files: Certificates;
afterEach(async () => {
  await d.close();
  await redis.stop();
  files.remove();
});

describe.skipIf(!canStartRedis || !canMakeCertificates)('a deployment with passwords everywhere', () => {
  it('works over TLS as the user of docs/operate.md, and tells no secret even when they stop being right', async () => {
    files = await makeCertificates();
    const tlsPort = await reservedPort();
    const tls = ['--tls-ca-cert-file', files.ca, '--tls-cert-file', files.cert, '--tls-key-file', files.key];
    redis = await startPrivateRedis(['--tls-port', String(tlsPort), ...tls, '--tls-auth-clients', 'optional']);
    const queueUrl = `rediss://reindeer:${SECRETS.queue}@localhost:${tlsPort}?ca=${files.ca}`;
    d = await deploy('secrets', 'redis', queueUrl);
    const grant = /^ACL SETUSER reindeer .*$/m.exec(
      await readFile(new URL('../../docs/operate.md', import.meta.url), 'utf8'),
    )?.[0];
    await redis.command((grant ?? '').replace('PASSWORD', SECRETS.queue).replace('~reindeer:*', `~${d.prefix}:*`));
    await redis.command('CONFIG RESETSTAT');

    const database = new URL(d.databaseUrl);
    const role = `zebra_${d.prefix.replaceAll(/\W/g, '_')}`;
    await d.db.query(`create role ${role} superuser login password '${SECRETS.database}'`);
    database.username = role;
    database.password = SECRETS.database;
    await writeFile(join(d.directory, 'password'), `${SECRETS.dashboard}\n`);
    const [workerPort, schedulerPort] = [await reservedPort(), await reservedPort()];
    const env = (port: number) => ({
      DATABASE: database.href,
      OPS_PASSWORD_FILE: join(d.directory, 'password'),
      METRICS_TOKEN: SECRETS.metrics,
      TELEMETRY_PORT: String(port),
    });
    await d.db.query('create table book (id bigint primary key, title text)');
    await d.db.query(`insert into book select n, 'book ' || n from generate_series(1, ${COUNT}) n`);
    await d.configure(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, shards: 2,
        rebuild: { slices: 8 }, refresh: { every: '2s' } } }`,
      `ledger: { url: '\${DATABASE}' }, connections: { db: { kind: 'postgres', url: '\${DATABASE}' } },
       telemetry: { host: '127.0.0.1', port: Number(process.env.TELEMETRY_PORT ?? 0) },
       dashboard: { port: 0, users: [{ name: 'ops', password: '\${OPS_PASSWORD}', role: 'operator' }], metricsToken: '\${METRICS_TOKEN}' },`,
    );
    const reindeer = (...args: string[]) => d.reindeer(args, env(0));
    const apps = {
      scheduler: await d.start('scheduler', env(schedulerPort)),
      worker: await d.start('worker', env(workerPort)),
      dashboard: await d.start('dashboard', env(0)),
    };
    const told: string[] = [];
    const command = async (...args: string[]) => {
      const result = await reindeer(...args);
      told.push(result.stdout, result.stderr);
      return result;
    };
    await until(
      'it is built and refreshed',
      async () =>
        (await d.db.query(`select 1 from reindeer.runs where lane = 'refresh' and status = 'completed'`)).rows.length >
        0,
    );
    expect((await d.db.query('select count(*)::int as n from books')).rows).toEqual([{ n: COUNT }]);
    expect(await redis.errors('NOPERM')).toBe(0);

    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(apps.dashboard.output())?.[0] ?? '';
    const signIn = await fetch(`${url}/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ name: 'ops', password: SECRETS.dashboard }),
      redirect: 'manual',
    });
    expect(signIn.status).toBe(303);
    const cookie = (signIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const see = async (address: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(address, { headers });
      told.push(JSON.stringify([...answer.headers]), await answer.text());
      return answer.status;
    };
    const pages = [
      '/',
      '/runs/1',
      '/queues/',
      '/queues/api/queues?page=1',
      '/api/v1/runs',
      '/api/v1/indexes',
      '/api/v1/openapi.json',
      '/metrics',
    ];
    for (const page of pages) expect([page, await see(url + page, { Cookie: cookie })]).toEqual([page, 200]);
    for (const queue of ['ticks', 'books.bulk'])
      await see(`${url}/queues/api/queues?activeQueue=${queue}&status=completed`, { Cookie: cookie });
    for (const port of [workerPort, schedulerPort]) {
      const telemetry = `http://127.0.0.1:${port}`;
      for (const wrong of [undefined, 'Bearer x', `Bearer ${SECRETS.metrics}x`, `Basic ${SECRETS.metrics}`]) {
        expect(await see(`${telemetry}/metrics`, wrong === undefined ? {} : { Authorization: wrong })).toBe(401);
      }
      expect(await see(`${telemetry}/metrics`, { Authorization: `Bearer ${SECRETS.metrics}` })).toBe(200);
      await until('it is ready', async () => (await see(`${telemetry}/readyz`)) === 200);
    }
    await command('check', '--print');
    await command('check', '--print', '--json');
    await command('check', '--connect', '--json');
    await command('status');
    await command('show', '1', '--json');

    // The password is changed under their feet, as a rotation that forgot them does.
    await redis.command(`ACL SETUSER reindeer resetpass >${SECRETS.rotated}`);
    await redis.command('CLIENT KILL USER reindeer');
    await until('all have noticed', async () => Object.values(apps).every((app) => app.output().includes('WRONGPASS')));
    const began = Date.now();
    const [lines, cpu] = [linesOf(apps), await cpuSeconds(apps)];
    for (const port of [workerPort, schedulerPort]) expect(await see(`http://127.0.0.1:${port}/readyz`)).toBe(503);
    expect(await see(`${url}/readyz`)).toBe(503);
    expect(await see(`${url}/queues/api/queues`, { Cookie: cookie })).toBe(503);
    await see(`${url}/`, { Cookie: cookie });
    await command('status');
    await command('doctor');
    await command('check', '--connect');
    await until('they have been without a queue for 12 s', async () => Date.now() - began > 12_000);
    // The commands between take their time on a busy machine.
    const seconds = (Date.now() - began) / 1_000;
    expect(linesOf(apps) - lines).toBeLessThan((40 * seconds) / 12);
    expect((await cpuSeconds(apps)) - cpu).toBeLessThan(seconds / 2);

    await redis.command(`ACL SETUSER reindeer resetpass >${SECRETS.queue}`);
    await d.db.query(`update book set title = 'new under the rotated' where id = 7`);
    await until(
      'it goes on',
      async () =>
        (await d.db.query(`select 1 from books b where to_jsonb(b)::text like '%new under the rotated%'`)).rows.length >
        0,
    );

    // And that of the database.
    await d.db.query(`alter role ${role} password 'other'`);
    await command('status');
    await d.db.query(`alter role ${role} password '${SECRETS.database}'`);

    for (const app of Object.values(apps)) await app.stop();
    told.push(...Object.values(apps).map((app) => app.output()), await ledgerText(d), await redisText(redis));
    const all = told.join('\n');
    for (const [name, secret] of Object.entries(SECRETS)) {
      for (const form of [
        secret,
        encodeURIComponent(secret),
        secret.replaceAll(' ', '+'),
        Buffer.from(secret).toString('base64'),
      ]) {
        const at = all.indexOf(form);
        expect([name, at < 0 ? null : all.slice(Math.max(0, at - 200), at + 60)]).toEqual([name, null]);
      }
    }
  }, 600_000);
});

function linesOf(apps: Readonly<Record<string, Running>>): number {
  return Object.values(apps).reduce((sum, app) => sum + app.output().split('\n').length, 0);
}

/** User and system time that the processes have used so far. */
async function cpuSeconds(apps: Readonly<Record<string, Running>>): Promise<number> {
  const ticks = await Promise.all(
    Object.values(apps).map(async ({ process }) => {
      const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    }),
  );
  return ticks.reduce((sum, one) => sum + one, 0) / 100;
}

/** Every row of the ledger. */
async function ledgerText({ db }: Deployment): Promise<string> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'reindeer'`,
  );
  expect(tables.length).toBeGreaterThan(10);
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await db.query<{ all: string | null }>(`select string_agg(t::text, E'\\n') as all from ${name} t`);
    texts.push(rows[0]?.all ?? '');
  }
  return texts.join('\n');
}

/** The keys of the queue, and what its jobs hold. */
async function redisText(redis: PrivateRedis): Promise<string> {
  const keys = (await redis.lines('KEYS *')).filter((line) => line.includes(':'));
  expect(keys.length).toBeGreaterThan(10);
  const texts: string[] = [];
  // A key of another type answers with an error, which holds nothing.
  for (const key of keys) texts.push(key, ...(await redis.lines(`HGETALL ${key}`)));
  return texts.join('\n');
}
