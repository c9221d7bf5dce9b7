import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxiedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** What the proxy answers in the server's place. */
export interface ProxyAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Stands before a real search server: everything goes there, but for what a test holds back or answers itself. */
export interface SearchProxy {
  readonly url: string;
  /** Requests of clients that have no answer yet, held ones included. */
  underWay(): number;
  /** Connections of clients that are open. */
  connections(): number;
  /** Whatever matches waits from now on. On release it goes on, unless its client has gone. */
  hold(matches: (request: ProxiedRequest) => boolean): { release(): void };
  /** Whatever it answers does not reach the server; null: goes on. Returns what takes the rule away. */
  intercept(answer: (request: ProxiedRequest) => ProxyAnswer | null | Promise<ProxyAnswer | null>): () => void;
  close(): Promise<void>;
}

export async function startSearchProxy(target: string): Promise<SearchProxy> {
  const to = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const holds = new Set<{ matches: (request: ProxiedRequest) => boolean; released: Promise<void> }>();
  const rules = new Set<Parameters<SearchProxy['intercept']>[0]>();
  const open = new Set<http.ServerResponse>();
  const sockets = new Set<object>();

  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: body.toString(),
      headers: request.headers,
    };
    for (const { matches, released } of holds) if (matches(seen)) await released;
    if (response.destroyed) return;
    for (const rule of rules) {
      const answer = await rule(seen);
      if (answer === null) continue;
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body ?? '{}');
      return;
    }
    const { method, url, headers } = request;
    const options = { host: to.hostname, port: to.port, method, path: url, headers, agent };
    const forwarded = http.request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  };
  const server = http.createServer((request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    handle(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    underWay: () => open.size,
    connections: () => sockets.size,
    hold: (matches) => {
      const { promise: released, resolve } = Promise.withResolvers<void>();
      const held = { matches, released };
      holds.add(held);
      return {
        release: () => {
          holds.delete(held);
          resolve();
        },
      };
    },
    intercept: (answer) => {
      rules.add(answer);
      return () => rules.delete(answer);
    },
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
