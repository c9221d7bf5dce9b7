import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type EmbeddedPostgres,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../apps/cli/src/embedded/index.ts';
import { freshDirectory, isAlive, query, serverPid } from './place.ts';

test('keeps what was written from start to start, and makes databases as they are asked for', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const first = await start(dataDir);
  const urls = await Promise.all([first.url('one'), first.url('one'), first.url('wéird "name"')]);
  expect(urls[0]).toBe(urls[1]);
  expect(await query(urls[2] ?? '', 'select current_database() as name')).toEqual([{ name: 'wéird "name"' }]);
  await query(urls[0] ?? '', 'create table kept as select 7 as n');
  await first.stop();
  expect(await first.exited).toBe(0);

  const second = await start(dataDir);
  const url = await second.url('one');
  expect(url).toBe(urls[0]);
  expect(await query(url, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await query(url, 'select current_setting($$fsync$$) as fsync')).toEqual([{ fsync: 'off' }]);
});

test('is synced to disk unless told otherwise, asks for its password, and logs to a file of its own', async () => {
  const server = await startEmbeddedPostgres({ dataDir: path.join(freshDirectory(), 'postgres') });
  onTestFinished(server.stop);
  const url = new URL(await server.url('one'));
  const settings = 'select current_setting($$fsync$$) as fsync, current_setting($$synchronous_commit$$) as commit';
  expect(await query(url.href, settings)).toEqual([{ fsync: 'on', commit: 'on' }]);

  await expect(query(url.href, 'select nonsense')).rejects.toThrow();
  expect(readFileSync(server.logFile, 'utf8')).toContain('column "nonsense" does not exist');

  expect(statSync(path.join(server.home, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(server.home, 'data')).mode & 0o077).toBe(0);
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
});

test('is refused to a second process while it runs, and found by those that only look', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
  const server = await start(dataDir);
  const url = await server.url('one');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({ code: 'embedded-running' });

  const found = await findEmbeddedPostgres(dataDir);
  expect(await found?.url('one')).toBe(url);
  await found?.stop();
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
});

test('takes another port when its former one is taken', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const first = await start(dataDir);
  const former = Number(new URL(await first.url('one')).port);
  await first.stop();
  const squatter = createServer().listen(former, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());

  const second = await start(dataDir);
  const url = await second.url('one');
  expect(Number(new URL(url).port)).not.toBe(former);
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
});

test('is not kept from starting by a lock whose process id now belongs to something else', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const first = await start(dataDir);
  await first.stop();
  writeFileSync(
    path.join(first.home, 'data', 'postmaster.pid'),
    `${process.pid}\n${first.home}/data\n1\n5432\n\n127.0.0.1\n`,
  );
  const second = await start(dataDir);
  expect(serverPid(second.home)).not.toBe(process.pid);
});

test('says what to do about data of another version', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  mkdirSync(path.join(dataDir, 'data'), { recursive: true });
  writeFileSync(path.join(dataDir, 'data', 'PG_VERSION'), '15\n');
  writeFileSync(path.join(dataDir, 'secrets.json'), '{"password":"x","port":5432}');
  const refused = startEmbeddedPostgres({ dataDir });
  await expect(refused).rejects.toMatchObject({ code: 'embedded-version' });
  await expect(refused).rejects.toThrow(/made by PostgreSQL 15, and this is 18/);
});

test('an aborted first start leaves nothing half made', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const stop = new AbortController();
  const starting = startEmbeddedPostgres({ dataDir, durable: false, signal: stop.signal });
  stop.abort();
  await expect(starting).rejects.toThrow(/abort/i);
  expect(existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name !== 'secrets.json') : []).toEqual([]);
  const server = await start(dataDir);
  expect(isAlive(serverPid(server.home))).toBe(true);
});

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, durable: false });
  onTestFinished(server.stop);
  return server;
}
