import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('.', import.meta.url));

/** A process of its own that runs an app whose stop is given as source text. */
function run(stop: string, extra = '', { sameSignalMs = 0, drainTimeoutMs = 60_000 } = {}) {
  const script = `
    import { runApp } from '${source}runApp.ts';
    import { createLogger } from '${source}createLogger.ts';
    const logger = createLogger({ app: 'test', destination: 2 });
    const done = Promise.withResolvers();
    const keepAlive = setInterval(() => {}, 1000);
    process.exit(await runApp({ name: 'test', logger, drainTimeoutMs: ${drainTimeoutMs}, sameSignalMs: ${sameSignalMs}, start: async () => {
      setImmediate(() => process.stdout.write('started\\n'));
      ${extra}
      return { done: done.promise, stop: async (reason) => { process.stdout.write('stopping\\n'); ${stop} } };
    } }));`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return {
    child,
    errors: () => errors,
    async saw(word: string) {
      while (!output.includes(word)) await once(child.stdout, 'data');
    },
    // All that it wrote has been read by then.
    exit: once(child, 'close').then(([code]) => code as number),
  };
}

it('stops on SIGTERM and exits with 0', async () => {
  const app = run('');
  await app.saw('started');
  app.child.kill('SIGTERM');
  expect(await app.exit).toBe(0);
});

it('stops on SIGINT and exits with 130', async () => {
  const app = run('');
  await app.saw('started');
  app.child.kill('SIGINT');
  expect(await app.exit).toBe(130);
});

it('ends at once on a second signal', async () => {
  const app = run('await new Promise(() => {})', 'globalThis.slow = true;');
  await app.saw('started');
  app.child.kill('SIGTERM');
  await app.saw('stopping');
  app.child.kill('SIGTERM');
  expect(await app.exit).toBe(130);
});

it('takes a signal that comes twice at once as one, and drains', async () => {
  const app = run("await new Promise((again) => process.once('SIGTERM', again)); done.resolve();", '', {
    sameSignalMs: 60_000,
  });
  await app.saw('started');
  app.child.kill('SIGTERM');
  await app.saw('stopping');
  app.child.kill('SIGTERM');
  expect(await app.exit).toBe(0);
});

it('exits with 1 when the app does not stop in time', async () => {
  const app = run('await new Promise(() => {})', '', { drainTimeoutMs: 300 });
  await app.saw('started');
  app.child.kill('SIGTERM');
  expect(await app.exit).toBe(1);
  expect(app.errors()).toContain('did not stop in time');
});

it('exits with 1 when the start fails, and logs why without its secrets', async () => {
  const app = run('', "throw new Error('connect postgres://app:hunter2@db/x refused');");
  expect(await app.exit).toBe(1);
  expect(app.errors()).toContain('refused');
  expect(app.errors()).not.toContain('hunter2');
});

it.each([
  ['an exception', "setTimeout(() => { throw new Error('nobody caught this'); });"],
  ['a rejection', "Promise.reject(new Error('nobody caught this'));"],
])('logs %s nobody caught and exits with 1', async (_, extra) => {
  const app = run('', extra);
  expect(await app.exit).toBe(1);
  expect(app.errors()).toContain('nobody caught this');
});

it('exits with 0 when the app ends by itself', async () => {
  const app = run('', 'done.resolve();');
  expect(await app.exit).toBe(0);
});
