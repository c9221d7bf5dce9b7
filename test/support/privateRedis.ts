import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOnPath } from './commandOnPath.ts';
import { reservedPort } from './reservedPort.ts';

/** A Redis that a test may kill, fill and empty. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** SIGKILL; what was not on disk is lost. */
  kill(): Promise<void>;
  /** On the same port and directory; resolves when it answers. */
  start(): Promise<void>;
  /** How many commands it refused with this error since it started. */
  errors(kind: string): Promise<number>;
  /** The first line of the answer to any command that has no spaces in its arguments. */
  command(line: string): Promise<string>;
  /** All of what an answer's first packet holds. */
  lines(line: string): Promise<readonly string[]>;
  /** Kills it and removes its directory. */
  stop(): Promise<void>;
}

const program = commandOnPath('redis-server') ?? commandOnPath('valkey-server');

/** Whether this machine can start one. */
export const canStartRedis = program !== null;

/**
 * Starts a Redis of a test's own; it writes an append-only file at every command, so that a kill loses nothing.
 * `more`: further arguments of redis-server.
 */
export async function startPrivateRedis(more: readonly string[] = []): Promise<PrivateRedis> {
  if (program === null)
    throw new Error('There is no redis-server on PATH: skip such tests where canStartRedis is false.');
  const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-redis-'));
  const port = await reservedPort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  let child: ReturnType<typeof spawn> | null = null;

  const kill = async () => {
    const running = child;
    child = null;
    if (running === null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  };
  const start = async () => {
    child = spawn(program, [...args, ...durable, ...more], { stdio: 'ignore' });
    const deadline = Date.now() + 120_000;
    while ((await send(port, 'PING')) !== '+PONG') {
      if (Date.now() > deadline) throw new Error(`Redis on port ${port} did not answer a PING in 2 minutes`);
      await delay(20);
    }
  };
  // A failing test run must not leave servers behind.
  const killWithProcess = () => child?.kill('SIGKILL');
  process.once('exit', killWithProcess);

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    start,
    async command(line) {
      const reply = await send(port, line);
      if (reply === null || reply.startsWith('-')) throw new Error(`${line}: ${reply ?? 'no answer'}`);
      return reply;
    },
    lines: async (line) => ((await send(port, line, true)) ?? '').split(/\r?\n/),
    async errors(kind) {
      const count = new RegExp(`errorstat_${kind}:count=(\\d+)`).exec(
        (await send(port, 'INFO errorstats', true)) ?? '',
      );
      return Number(count?.[1] ?? 0);
    },
    async stop() {
      await kill();
      process.off('exit', killWithProcess);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The first line of the answer, or what came with it; null when there is none. */
function send(port: number, line: string, whole = false): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    const end = (answer: string | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(10_000, () => end(null));
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('data', (data) => end(whole ? data.toString() : (data.toString().split('\r\n', 1)[0] ?? '')));
  });
}
