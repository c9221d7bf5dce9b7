import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Account } from './account.ts';

export interface SupervisedProcess {
  /** Exit code of the program, 128 + n when signal n ended it. Never rejects. */
  readonly exited: Promise<number>;
  /** Asks it to end as its last clients are cut off (SIGINT), and waits for that. Repeatable. */
  stop(): Promise<void>;
}

export interface SupervisedProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** null: as this process. */
  readonly account: Account | null;
  /** Both outputs are appended to it. */
  readonly logFile: string;
  /** Beside the little that every server gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** KILL: for what cannot be asked (a JVM that is started with SIGINT ignored goes on ignoring it) and has nothing to lose. */
  readonly endBy?: 'INT' | 'KILL';
}

/**
 * Watches over the program for a process that may die without a word: `read` ends when the pipe's other end is
 * closed, by `stop()` or by the kernel. A program that hangs in its shutdown is ended by SIGQUIT after 30 s.
 * `trap` keeps a Ctrl-C for the process that started all this; the program sets its own handlers.
 */
const SUPERVISOR = `
trap '' INT TERM HUP
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(
  while read -r _ <&3; do :; done
  kill -$REINDEER_END_BY $program 2>/dev/null
  left=30
  while [ $left -gt 0 ] && kill -0 $program 2>/dev/null; do sleep 1; left=$((left - 1)); done
  kill -QUIT $program 2>/dev/null
) >/dev/null 2>&1 &
wait $program
`;

/**
 * Starts a server that ends when `stop()` is called or when this process is gone, killed or not.
 * A shell of its own session stands between the two, because nothing in this process survives SIGKILL.
 */
export async function startSupervised(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const shell = spawn('/bin/sh', ['-c', SUPERVISOR, 'reindeer', options.program, ...options.args], {
      cwd: options.cwd,
      // The environment of whoever started this (PGPORT, LD_PRELOAD…) is not the server's business.
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        LC_ALL: 'C',
        TZ: 'UTC',
        REINDEER_END_BY: options.endBy ?? 'INT',
        ...options.env,
      },
      stdio: ['pipe', log, log],
      detached: true,
      ...(options.account === null ? {} : { uid: options.account.uid, gid: options.account.gid }),
    });
    const exited = once(shell, 'exit').then(([code]) => (typeof code === 'number' ? code : 1));
    // A listener of its own: once() would turn a failed start into a rejection that nobody awaits yet.
    exited.catch(() => undefined);
    await once(shell, 'spawn');
    const { stdin } = shell;
    if (stdin === null) throw new Error('a piped process has no stdin');
    // The pipe breaks when the server ends first, which `exited` tells already.
    stdin.on('error', () => undefined);
    void exited.then(() => stdin.destroy());
    return {
      exited,
      stop: async () => {
        stdin.end();
        await exited;
      },
    };
  } finally {
    closeSync(log);
  }
}
