import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { until } from '../support/until.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/reindeer.mjs', import.meta.url));

let d: Deployment;
let dev: { readonly process: ChildProcess; readonly output: () => string; readonly exited: Promise<number | null> };

beforeEach(async () => {
  d = await deploy('dev', 'postgres');
  await d.db.query(`create table book (id bigint primary key, title text)`);
  await d.db.query(`insert into book select n, 'Volume ' || n from generate_series(1, 5000) n`);
  await d.configure(`{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' },
    rebuild: { every: '1d', slices: 4 } } }`);
  dev = startDev(['--workers', '1', '--json']);
});
afterEach(async () => {
  if (dev.process.exitCode === null) dev.process.kill('SIGTERM');
  await dev.exited;
  await d.close();
});

function startDev(args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [COMMAND, 'dev', ...args, '--config', path.join(d.directory, 'reindeer.config.mjs')],
    {
      cwd: d.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  return { process: child, output: () => text, exited: once(child, 'exit').then(([code]) => code as number | null) };
}

/** The processes of this deployment that have a lease. */
async function workers(): Promise<number[]> {
  const { rows } = await d.db.query<{ pid: number }>(
    `select pid from reindeer.workers where app = 'worker' and stopped_at is null and lease_until > now() order by started_at`,
  );
  return rows.map((row) => row.pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isReady = () => until('dev is ready', async () => dev.output().includes('"ready":true'));

test('runs everything under one command, restarts what dies, and ends all of it', async () => {
  await isReady();
  const built = await until('the first rebuild', async () => {
    const runs = JSON.parse((await d.reindeer(['runs', 'books', '--json'])).stdout) as { state: string }[];
    return runs.some((run) => run.state === 'completed') && runs;
  });
  // The refreshes that it owes may be there already, before it in the list.
  expect(built.at(-1)).toMatchObject({
    index: 'books',
    trigger: 'start',
    documents: { read: 5000, written: 5000, failed: 0 },
  });

  const first = await until('a worker has a lease', async () => (await workers())[0]);
  process.kill(first, 'SIGKILL');
  const second = await until('another worker', async () => (await workers()).find((pid) => pid !== first));
  await until('the end of the first is told', async () => dev.output().includes('ended by itself'));

  // What is asked for in another terminal is done by the new one.
  const run = await d.reindeer(['run', 'books', '--wait', '--json']);
  expect(run.code, run.stderr).toBe(0);
  expect(lastJson(run)).toMatchObject({ state: 'completed', progress: 1, documents: { written: 5000 } });

  dev.process.kill('SIGTERM');
  expect(await dev.exited).toBe(0);
  expect(isAlive(second)).toBe(false);
  // It gave its lease back; that of the one that was killed runs out.
  expect(await workers()).not.toContain(second);
});

test('leaves nothing behind when it is killed', async () => {
  await isReady();
  const worker = await until('a worker has a lease', async () => (await workers())[0]);
  dev.process.kill('SIGKILL');
  await until('the worker has gone', async () => !isAlive(worker));
  expect(await workers()).toEqual([]);
});

test('Ctrl-C in `run --wait` leaves the run going, and says so', async () => {
  await isReady();
  await until('the first rebuild is done, and what it owes', async () => {
    const { rows } = await d.db.query(
      `select 1 from reindeer.generations where state = 'live'
          and not exists (select 1 from reindeer.owed_refreshes where discharged_at is null)
          and not exists (select 1 from reindeer.runs where finished_at is null)`,
    );
    return rows.length === 1;
  });
  const worker = await until('a worker has a lease', async () => (await workers())[0]);
  // Held back, so that the run is still open; and in the midst of no transaction, whose locks would hold the command too.
  process.kill(worker, 'SIGSTOP');
  try {
    const child = spawn(
      process.execPath,
      [COMMAND, 'run', 'books', '--wait', '--config', path.join(d.directory, 'reindeer.config.mjs')],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
    const exited = once(child, 'exit');
    await until('it watches', async () => /run \d+ queued/.test(text));
    child.kill('SIGINT');
    expect((await exited)[0]).toBe(130);
    expect(text).toMatch(/Run \d+ goes on without this command/);
    const { stdout } = await d.reindeer(['runs', 'books', '--json']);
    expect(JSON.parse(stdout)[0]).toMatchObject({ finishedAt: null });
  } finally {
    process.kill(worker, 'SIGCONT');
  }
});
