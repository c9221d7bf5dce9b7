import { execFile } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverAccount, startSupervised } from '../../apps/cli/src/embedded/index.ts';
import { commandOnPath } from './commandOnPath.ts';
import { reservedPort } from './reservedPort.ts';
import type { TestServer } from './testServer.ts';

const run = promisify(execFile);

/** One Redis for the whole run: the environment's, else PATH's, Docker's, or (root on Debian) apt's. null: none to be had. */
export async function startRedis(directory: string): Promise<TestServer | null> {
  const given = process.env.REINDEER_TEST_REDIS_URL ?? process.env.REDIS_URL;
  if (given) return { url: given, origin: 'the environment', stop: async () => undefined };
  const program = commandOnPath('redis-server') ?? commandOnPath('valkey-server');
  if (program !== null) return startProgram(program, directory);
  const docker = await startContainer();
  if (docker !== null) return docker;
  const installed = await installWithApt();
  return installed === null ? null : startProgram(installed, directory);
}

async function startProgram(program: string, directory: string): Promise<TestServer> {
  const account = serverAccount();
  const home = path.join(directory, 'redis');
  mkdirSync(home);
  if (account !== null) chownSync(home, account.uid, account.gid);
  const port = await reservedPort();
  const logFile = path.join(directory, 'redis.log');
  const server = await startSupervised({
    program,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', home],
    cwd: '/',
    account,
    logFile,
  });
  const ended = server.exited.then((code) => {
    throw new Error(`${program} ended with ${code} before it answered; its log is ${logFile}`);
  });
  ended.catch(() => undefined);
  await Promise.race([answersPing(port), ended]);
  return { url: `redis://127.0.0.1:${port}`, origin: program, stop: server.stop };
}

async function startContainer(): Promise<TestServer | null> {
  if (commandOnPath('docker') === null) return null;
  try {
    const { stdout: id } = await run('docker', ['run', '-d', '--rm', '-p', '127.0.0.1::6379', 'redis:8-alpine']);
    const { stdout: address } = await run('docker', ['port', id.trim(), '6379/tcp']);
    const port = Number(address.trim().split(':').at(-1));
    await answersPing(port);
    const stop = async () => void (await run('docker', ['stop', '-t', '1', id.trim()]));
    return { url: `redis://127.0.0.1:${port}`, origin: 'Docker', stop };
  } catch {
    return null;
  }
}

async function installWithApt(): Promise<string | null> {
  if (process.getuid?.() !== 0 || commandOnPath('apt-get') === null) return null;
  // RUNLEVEL keeps the package from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env });
    return commandOnPath('redis-server');
  } catch {
    return null;
  }
}

/** Resolves when a PING is answered; gives up after 2 minutes. */
async function answersPing(port: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await pings(port))) {
    if (Date.now() > deadline) throw new Error(`Redis on port ${port} did not answer a PING in 2 minutes`);
    await delay(50);
  }
}

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(2_000, () => answer(false));
    socket.on('error', () => answer(false));
    socket.on('close', () => answer(false));
    socket.on('data', (data) => answer(data.toString().startsWith('+PONG')));
  });
}
