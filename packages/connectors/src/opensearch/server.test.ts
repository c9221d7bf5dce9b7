import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '@reindeer/core';
import { afterEach, expect, it } from 'vitest';
import { asReaction } from './failure.ts';
import { openSearchServer, type SearchServer } from './server.ts';

const PASSWORD = 'hunter-two-two';
let http: Server;
let server: SearchServer;
afterEach(async () => {
  await server.close();
  http.closeAllConnections();
  http.close();
});

/** What some other program at the url answers; the connection's user has a password. */
async function open(answer: RequestListener): Promise<SearchServer> {
  http = createServer(answer).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const url = `http://reindeer:${PASSWORD}@127.0.0.1:${port}`;
  server = openSearchServer({ connection: { name: 'search', kind: 'opensearch', url }, maxConnections: 1 });
  return server;
}

const failureOf = (one: SearchServer) =>
  one.ask({ method: 'GET', path: '', signal: new AbortController().signal }).catch((error: unknown) => error);

it('reads no answer that has no end', async () => {
  const part = Buffer.alloc(1_000_000, 'a');
  const server = await open((_, response) => {
    const write = () => {
      while (response.write(part));
      response.once('drain', write);
    };
    write();
  });
  const error = await failureOf(server);
  expect(error).toBeInstanceOf(UnavailableError);
  expect(String(error)).toContain('its answer is larger than 64 MB');
});

it('follows nobody to another address, and takes its credentials nowhere else', async () => {
  const asked: string[] = [];
  const server = await open((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(String(await failureOf(server))).toBe('ResponseError: http_302: status 302');
  expect(asked).toEqual(['/']);
});

it('keeps of a reason what people read', async () => {
  const reason = 'x'.repeat(1_000_000);
  const server = await open((_, response) => {
    response
      .writeHead(500)
      .end(JSON.stringify({ error: { type: 'odd', reason, caused_by: { reason: `y${reason}` } } }));
  });
  const told = asReaction(await failureOf(server), 'search');
  expect(told).toBeInstanceOf(UnavailableError);
  expect(String(told).length).toBeLessThan(2_300);
});

it.each([401, 403, 404, 500, 503])('tells no password when it is answered %i', async (status) => {
  const server = await open((request, response) => {
    const shown = JSON.stringify({ error: { type: 'security_exception', reason: 'no permissions' } });
    response.writeHead(status, { 'x-echo': request.headers.authorization ?? '' }).end(shown);
  });
  const error = asReaction(await failureOf(server), 'search');
  const all = `${String(error)} ${JSON.stringify(error, Object.getOwnPropertyNames(error))} ${String((error as Error).cause)}`;
  expect(all).not.toContain(PASSWORD);
  expect(all).not.toContain(Buffer.from(`reindeer:${PASSWORD}`).toString('base64'));
});
