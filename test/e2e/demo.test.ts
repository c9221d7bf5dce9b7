import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { serverAccount } from '../../apps/cli/src/embedded/index.ts';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Of one of them; 138,398 documents take their time on a busy machine. */
const LIMIT_MS = 600_000;
const trees: string[] = [];
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});

test('ends after its summary, whose last line is the completed run', { timeout: 2 * LIMIT_MS }, async () => {
  const tree = copyRepository();
  const first = demo(tree, null, '--exit');
  expect(await first.outcome).toBe(0);
  expect(JSON.parse(first.lines().at(-1) ?? '')).toMatchObject(completed(138_398));
  expect(first.lines().join('\n')).toMatch(/paris .*Paris, /);
  expect(isServerRunning(tree)).toBe(false);

  // Again, on what the first one left: stays up until Ctrl-C, then leaves nothing running.
  const second = demo(tree, null);
  await until('the demo stays up', async () => second.lines().some((line) => line.includes('Ctrl-C ends')), LIMIT_MS);
  expect(second.lines().join('\n')).toMatch(/http:\/\/[^ ]+/);
  expect(isServerRunning(tree)).toBe(true);
  second.interrupt();
  // npm ends itself by the signal that its script was ended by.
  expect([0, 130, 'SIGINT']).toContain(await second.outcome);
  expect(isServerRunning(tree)).toBe(false);
});

test.runIf(process.getuid?.() === 0)('runs for an ordinary user too', { timeout: LIMIT_MS }, async () => {
  const account = serverAccount();
  if (account === null) throw new Error('root has no other account to run this as');
  const tree = copyRepository();
  giveTree(tree, account);
  const run = demo(tree, account, '--exit');
  expect(await run.outcome).toBe(0);
  expect(JSON.parse(run.lines().at(-1) ?? '')).toMatchObject(completed(138_398));
  // Beside the configuration, not in root's place.
  expect(existsSync(path.join(tree, '.reindeer', 'demo', 'data', 'PG_VERSION'))).toBe(true);
});

function completed(count: number) {
  return {
    index: 'cities',
    lane: 'rebuild',
    state: 'completed',
    reason: null,
    documents: { read: count, written: count, failed: 0, filtered: 0, superseded: 0, expected: count },
    progress: 1,
  };
}

/** The repository as it is on disk, but for what is ignored; what npm installed is shared. */
function copyRepository(): string {
  const tree = mkdtempSync(path.join(os.tmpdir(), 'reindeer-demo-'));
  chmodSync(tree, 0o755);
  trees.push(tree);
  const ignored = new Set(['node_modules', '.git', '.reindeer']);
  cpSync(ROOT, tree, { recursive: true, filter: (file) => !ignored.has(path.basename(file)) });
  for (const place of ['.', ...readdirSync(path.join(ROOT, 'apps')).map((name) => path.join('apps', name))]) {
    const modules = path.join(ROOT, place, 'node_modules');
    if (existsSync(modules)) symlinkSync(modules, path.join(tree, place, 'node_modules'));
  }
  return tree;
}

function giveTree(tree: string, { uid, gid }: { uid: number; gid: number }): void {
  chownSync(tree, uid, gid);
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(tree, name);
    // What is behind the links stays as it is.
    if (!name.split(path.sep).includes('node_modules')) chownSync(file, uid, gid);
  }
}

interface Demo {
  /** Its exit code, or the signal that ended it; all that it started has let go of its output then. */
  readonly outcome: Promise<number | NodeJS.Signals>;
  /** What it has printed so far, on either stream. */
  lines(): string[];
  /** As Ctrl-C does: to everything on the terminal. */
  interrupt(): void;
}

function demo(tree: string, account: { uid: number; gid: number } | null, ...args: string[]): Demo {
  const child: ChildProcess = spawn('npm', ['run', 'demo', '--', ...args], {
    cwd: tree,
    detached: true,
    env: { ...process.env, HOME: tree, npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    outcome: once(child, 'close').then(([code, signal]) => {
      if (code !== 0 && code !== 130 && signal !== 'SIGINT') console.error(output);
      return code ?? signal;
    }),
    lines: () => output.trim().split(/[\r\n]+/),
    interrupt: () => process.kill(-(child.pid ?? 0), 'SIGINT'),
  };
}

function isServerRunning(tree: string): boolean {
  return existsSync(path.join(tree, '.reindeer', 'demo', 'data', 'postmaster.pid'));
}
