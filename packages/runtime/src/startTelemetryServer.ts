import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError } from '@reindeer/core';
import { hasBearerToken } from './bearerToken.ts';
import type { Metrics } from './createMetrics.ts';
import { cachedReadiness, type ReadinessCheck } from './readiness.ts';
import { redactText } from './redactText.ts';
import { asksForShards, renderMetrics } from './renderMetrics.ts';
import type { ShardFreshness } from './setGauges.ts';

export interface TelemetryServerOptions {
  /** Default `0.0.0.0`. */
  readonly host?: string;
  /** 0: any free port; the url tells which. */
  readonly port: number;
  /** What `/metrics` asks for as a bearer token; null: nothing. */
  readonly token: string | null;
  readonly metrics: Metrics;
  /** Asked for `/readyz`, at most every 2 s; make the checks with `checkDependency`, which bounds them. */
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  /** Whether the process can still do its work; one that is not ok makes an orchestrator restart it. Default: none. */
  readonly liveness?: () => readonly ReadinessCheck[];
  /** For `/metrics?shards=1`. */
  readonly shards?: () => Promise<readonly ShardFreshness[]>;
  /** Called before the metrics are read. */
  readonly onScrape?: () => void;
}

export interface TelemetryServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A probe sends its request at once: whoever does not only holds a connection. */
const SLOWEST_MS = 10_000;

/** `/metrics`, `/healthz` and `/readyz` of an app that serves nothing else. @throws InputError when the port is taken */
export async function startTelemetryServer(options: TelemetryServerOptions): Promise<TelemetryServer> {
  const { host = '0.0.0.0', port, token, metrics, liveness = () => [], shards, onScrape } = options;
  const readiness = cachedReadiness(options.readiness);
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, { title: 'Only GET and HEAD.' });
    } else if (path === '/healthz') {
      const checks = liveness();
      const live = checks.every(({ ok }) => ok);
      send(response, live ? 200 : 503, { live, checks });
    } else if (path === '/readyz') {
      void readiness().then((report) => send(response, report.ready ? 200 : 503, report));
    } else if (path === '/metrics') {
      if (token !== null && !hasBearerToken(request.headers.authorization, token)) {
        response.setHeader('WWW-Authenticate', 'Bearer');
        send(response, 401, { title: 'The metrics ask for the bearer token of `dashboard.metricsToken`.' });
        return;
      }
      onScrape?.();
      const ages = shards !== undefined && asksForShards(request.url ?? '/') ? shards() : Promise.resolve(null);
      ages
        .then((known) => renderMetrics(metrics, known))
        .then((text) => response.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text))
        .catch((error: unknown) => send(response, 500, { title: redactText(String(error)) }));
    } else {
      send(response, 404, { title: 'There are /metrics, /healthz and /readyz.' });
    }
  });
  server.headersTimeout = SLOWEST_MS;
  server.requestTimeout = SLOWEST_MS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw isPortTaken(error) ? portTaken(host, port, error) : error;
  }
  const address = server.address() as AddressInfo;
  const shownHost = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return {
    url: `http://${shownHost}:${address.port}`,
    stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function portTaken(host: string, port: number, cause: unknown): InputError {
  return new InputError(
    'port-taken',
    `telemetry.port: ${port} of ${host} is taken, by another worker or scheduler of this machine perhaps. Give each a port of its own (telemetry: { port: '\${TELEMETRY_PORT:-${port}}' }), or 0 for any that is free.`,
    { cause },
  );
}
