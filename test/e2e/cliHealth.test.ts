import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reservedPort } from '../support/reservedPort.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/reindeer.mjs', import.meta.url));

/** Alive, and not ready: the two routes must not be mistaken for one another. */
let app: Server;
let port: string;
beforeAll(async () => {
  app = createServer((request, response) => {
    const live = request.url === '/healthz';
    response.writeHead(live ? 200 : 503).end(JSON.stringify(live ? { live } : { ready: false }));
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  port = String((app.address() as AddressInfo).port);
});
afterAll(() => new Promise((closed) => app.close(closed)));

function health(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, 'health', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

test('a healthy app is 0', async () => {
  expect(await health('--port', port)).toMatchObject({ code: 0 });
});

test('one that is not ready is 1, and says what is missing', async () => {
  expect(await health('--port', port, '--ready')).toMatchObject({
    code: 1,
    output: expect.stringContaining('/readyz answers 503: {"ready":false}'),
  });
});

test('nobody there is 1', async () => {
  expect(await health('--port', String(await reservedPort()))).toMatchObject({
    code: 1,
    output: expect.stringContaining('does not answer: connect ECONNREFUSED'),
  });
});

test('a configuration that cannot be read is 1, which Docker understands, not 2, which it reserves', async () => {
  expect(await health('--config', '/nowhere/reindeer.config.json')).toMatchObject({ code: 1 });
});
