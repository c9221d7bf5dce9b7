import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReadyMessage } from './starter.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/reindeer.mjs', import.meta.url));

export interface MemberOptions {
  readonly verb: 'scheduler' | 'worker' | 'dashboard';
  readonly configPath: string;
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly onLine: (line: string) => void;
  readonly onReady: (details: ReadyMessage['details']) => void;
}

export interface Member {
  readonly pid: number;
  /** Its exit code; 1 for one that was ended by a signal. */
  readonly exited: Promise<number>;
  signal(signal: NodeJS.Signals): void;
}

/** One app in a process of its own: this very Node and program, in its own group, so that one Ctrl-C is told once. */
export function startMember(options: MemberOptions): Member {
  const { verb, configPath, env, json } = options;
  const child: ChildProcess = spawn(
    process.execPath,
    [...process.execArgv, PROGRAM, verb, '--config', configPath, ...(json ? ['--json'] : [])],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
  );
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', options.onLine);
  child.on('message', (message) => {
    if (isReady(message)) options.onReady(message.details);
  });
  const ended = Promise.withResolvers<number>();
  child.on('error', (error) => {
    options.onLine(`could not be started: ${error.message}`);
    ended.resolve(1);
  });
  // `close` comes after the last line of output, `exit` may come before.
  child.on('close', (code) => ended.resolve(code ?? 1));
  return {
    pid: child.pid ?? 0,
    exited: ended.promise,
    signal: (signal) => void child.kill(signal),
  };
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'ready';
}
