import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { serverAccount, startEmbeddedPostgres } from '../../../apps/cli/src/embedded/index.ts';
import { until } from '../../support/until.ts';
import { freshDirectory, isAlive, query, serverPid } from './place.ts';

const SCRIPT = fileURLToPath(new URL('./startServer.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

test('ends when its starter is killed, and the next start finds all that was committed', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const { child, url, home } = await startElsewhere(dataDir);
  const pid = serverPid(home);
  await query(url, 'create table kept as select 7 as n');
  child.kill('SIGKILL');

  // At once, while the former server may still be on its way out: that is waited for.
  const next = await startEmbeddedPostgres({ dataDir, durable: false });
  onTestFinished(next.stop);
  expect(isAlive(pid)).toBe(false);
  expect(await query(await next.url('kept'), 'select n from kept')).toEqual([{ n: 7 }]);
});

test('leaves no process behind when its starter is killed and nobody starts it again', async () => {
  const { child, home } = await startElsewhere(path.join(freshDirectory(), 'postgres'));
  const pid = serverPid(home);
  child.kill('SIGKILL');
  await until('the server has ended', async () => !isAlive(pid));
});

test('recovers from being killed itself', async () => {
  const dataDir = path.join(freshDirectory(), 'postgres');
  const first = await startEmbeddedPostgres({ dataDir });
  onTestFinished(first.stop);
  await query(await first.url('one'), 'create table kept as select 7 as n');
  process.kill(serverPid(first.home), 'SIGKILL');
  expect(await first.exited).toBe(137);

  const second = await startEmbeddedPostgres({ dataDir });
  onTestFinished(second.stop);
  expect(await query(await second.url('one'), 'select n from kept')).toEqual([{ n: 7 }]);
});

test.runIf(isRoot)('runs for root under another account, also below a private directory', async () => {
  const home = freshDirectory(0o700);
  const server = await startEmbeddedPostgres({ dataDir: path.join(home, 'project', 'postgres'), durable: false });
  onTestFinished(async () => {
    await server.stop();
    rmSync(server.home, { recursive: true });
  });
  expect(path.dirname(server.home)).toBe('/var/lib/reindeer');
  expect(await query(await server.url('one'), 'select 1 as n')).toEqual([{ n: 1 }]);
  expect(statSync(path.join(server.home, 'data')).uid).toBe(serverAccount()?.uid);
  expect(statSync(`/proc/${serverPid(server.home)}`).uid).toBe(serverAccount()?.uid);
  expect(existsSync(path.join(home, 'project'))).toBe(false);
});

test.runIf(isRoot && everybodyMayRead(SCRIPT))('runs for an ordinary user in the place it was given', async () => {
  const account = serverAccount();
  if (account === null) throw new Error('root has no other account to run this as');
  const directory = path.join(freshDirectory(), 'theirs');
  mkdirSync(directory);
  chmodSync(directory, 0o700);
  chownSync(directory, account.uid, account.gid);
  const { child, url, home } = await startElsewhere(path.join(directory, 'postgres'), account);
  expect(home).toBe(path.join(directory, 'postgres'));
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
  const pid = serverPid(home);
  expect(statSync(`/proc/${pid}`).uid).toBe(account.uid);
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(isAlive(pid)).toBe(false);
});

/** Starts a server from a process of its own. */
async function startElsewhere(
  dataDir: string,
  account: { uid: number; gid: number } | null = null,
): Promise<{ child: ChildProcess; url: string; home: string }> {
  const child = spawn(process.execPath, [SCRIPT, dataDir], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...(JSON.parse(line) as { url: string; home: string }) };
  }
  throw new Error('the starter ended before its server answered');
}

function everybodyMayRead(file: string): boolean {
  const parent = path.dirname(file);
  return (statSync(file).mode & 0o004) !== 0 && (parent === file || mayEnter(parent));
}

function mayEnter(directory: string): boolean {
  const parent = path.dirname(directory);
  return (statSync(directory).mode & 0o001) !== 0 && (parent === directory || mayEnter(parent));
}
