import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase } from '../support/servers.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/reindeer.mjs', import.meta.url));
const VERBS = [
  ...['demo', 'dev', 'scheduler', 'worker', 'dashboard', 'init', 'check', 'migrate', 'plan'],
  ...['run', 'verify', 'runs', 'show', 'status', 'pause', 'resume', 'cancel', 'retry', 'seed', 'health', 'doctor'],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reindeer-usage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function reindeer(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function config(text: string, name = 'reindeer.config.json'): Promise<string> {
  const file = path.join(await mkdtemp(path.join(folder, 'config-')), name);
  await writeFile(file, text);
  return file;
}

/** Right in itself; nothing answers at its addresses. */
const away = JSON.stringify({
  ledger: { url: 'postgres://reindeer:s3cret-word@127.0.0.1:1/ledger' },
  queue: { url: 'redis://127.0.0.1:1' },
  connections: { db: { kind: 'postgres', url: 'postgres://reindeer:s3cret-word@127.0.0.1:1/db' } },
  indexes: {
    cities: {
      source: { connection: 'db', table: 'public.city', key: ['id'] },
      sink: { connection: 'db' },
      rebuild: { every: '1d' },
    },
  },
});

describe.concurrent('--help', () => {
  test('names every verb', async () => {
    const { code, stdout } = await reindeer(['--help']);
    expect(code).toBe(0);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
    expect(stdout).not.toMatch(/^ {2}rollback/m);
  });

  test.each(VERBS)('%s has an example, --config and --json', async (verb) => {
    const { code, stdout, stderr } = await reindeer([verb, '--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`Example:\\n  \\$ .*reindeer ${verb}`));
    expect(stdout).toContain('--config <path>');
    expect(stdout).toContain('--json');
  });
});

describe.concurrent('wrong usage ends with 2', () => {
  test.each([
    ['no verb', [], 'Usage: reindeer'],
    ['an unknown verb', ['statsu'], 'Did you mean status?'],
    ['an unknown option', ['status', '--wacth'], 'Did you mean --watch?'],
    ['a missing argument', ['run'], "missing required argument 'index'"],
    ['an argument too many', ['show', '1', '2'], 'too many arguments'],
    ['a run that is no number', ['show', 'twelve'], 'is no run: give its number'],
    ['a run below 1', ['cancel', '0'], 'is no run: give its number'],
    ['a limit that is no number', ['runs', '--limit', 'many'], '--limit "many": give a whole number'],
    ['too many workers', ['dev', '--workers', '1000'], '--workers "1000": give a whole number from 1 to 64'],
    ['a lane that there is not', ['run', 'cities', 'rebuidl'], 'There is no lane "rebuidl"'],
    ['a configuration for the demo', ['demo', '--config', 'x.json'], '`reindeer demo` has its own configuration'],
    ['init where nobody can be asked', ['init'], 'reindeer init --from postgres://'],
    ['init from another kind of database', ['init', '--from', 'mysql://h/d'], 'give postgres://'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await reindeer(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe.concurrent('what this version does not have ends with 2, in one sentence', () => {
  test.each([
    [['failures', '12']],
    [['replay', '12', '--all']],
    [['promote', 'cities', '--force', '--note', 'because']],
    [['rollback', 'cities', 'cities_g1']],
  ])('reindeer %j', async (args) => {
    const { code, stdout, stderr } = await reindeer(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('is not part of this version of Reindeer.');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe.concurrent('a wrong configuration ends with 2', () => {
  test('none', async () => {
    expect(await reindeer(['status'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Write one with `reindeer init`'),
    });
  });

  test.each(['check', 'status', 'scheduler', 'worker', 'dashboard', 'dev', 'migrate'])(
    '%s lists every mistake',
    async (verb) => {
      const file = await config(JSON.stringify({ ...JSON.parse(away), queues: {}, worker: { lease: '15 s' } }));
      const { code, stderr } = await reindeer([verb, '--config', file]);
      expect(code).toBe(2);
      expect(stderr).toContain('queues: there is no such key; did you mean queue?');
      expect(stderr).toContain('worker.lease: "15 s" is no duration');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test.each(['status', 'scheduler', 'worker', 'dashboard', 'migrate'])(
    '%s needs a url that dev would embed',
    async (verb) => {
      const file = await config(JSON.stringify({ ...JSON.parse(away), ledger: {} }));
      expect(await reindeer([verb, '--config', file])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/ledger\.url: there is none\. Set it, or use `reindeer dev`/),
      });
    },
  );

  test('with --json the error is machine output too', async () => {
    const { code, stdout } = await reindeer(['check', '--json', '--config', await config('{}')]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'config-invalid', message: expect.any(String) } });
  });

  test('a log level that there is not', async () => {
    expect(await reindeer(['worker', '--config', await config(away)], { LOG_LEVEL: 'loud' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('LOG_LEVEL="loud"'),
    });
  });
});

describe.concurrent('servers that do not answer end with 1, without a password or a stack', () => {
  test.each([['status'], ['runs'], ['migrate'], ['check', '--connect'], ['doctor'], ['run', 'cities']])(
    '%s',
    async (...args) => {
      const { code, stdout, stderr } = await reindeer([...args, '--config', await config(away)]);
      expect(code, stderr).toBe(1);
      expect(stdout + stderr).toMatch(/ECONNREFUSED|does not answer/);
      expect(stdout + stderr).not.toContain('s3cret-word');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );
});

test('check is silent about secrets when it prints', async () => {
  const { code, stdout } = await reindeer(['check', '--print', '--config', await config(away)]);
  expect(code).toBe(0);
  expect(stdout).toContain('127.0.0.1:1/ledger');
  expect(stdout).not.toContain('s3cret-word');
});

test('init writes a configuration from a database, and never over one', async () => {
  const database = await freshDatabase('init');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('create table city (id bigint primary key, name text)');
    await client.query('create table visit (day date, city bigint, primary key (day, city))');
    await client.query('create table log (line text)');
    const place = await mkdtemp(path.join(folder, 'init-'));
    const file = path.join(place, 'reindeer.config.ts');
    try {
      expect(await reindeer(['init', '--from', database.url, '--config', file])).toMatchObject({ code: 0 });
      const text = await readFile(file, 'utf8');
      expect(text).toContain("table: 'public.city', key: ['id']");
      expect(text).toContain("table: 'public.visit', key: ['day', 'city']");
      expect(text).toContain('public.log');
      expect(text).not.toContain(new URL(database.url).port);
      const env = { SOURCE_DATABASE_URL: database.url };
      expect(await reindeer(['check', '--config', file], env)).toMatchObject({ code: 0 });

      expect(await reindeer(['init', '--from', database.url, '--config', file])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--force'),
      });
      expect(await reindeer(['init', '--from', database.url, '--config', file, '--force'])).toMatchObject({ code: 0 });
    } finally {
      await rm(place, { recursive: true });
    }
  } finally {
    await client.end();
    await database.drop();
  }
});
