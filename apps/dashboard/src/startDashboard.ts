import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { type Ledger, migrateLedger, openLedger } from '@reindeer/ledger';
import { openTaskQueue, type TaskQueue } from '@reindeer/queue';
import { type App, createMetrics, type Logger, type Metrics } from '@reindeer/runtime';
import { newSignInLink } from './access/signIn.ts';
import { createWebApp } from './createWebApp.ts';

/** A request is small: who takes longer to send one holds a connection, and nothing else. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** Requests that are not answered by then after `stop` are cut off. */
const LAST_ANSWERS_MS = 5_000;

export interface DashboardOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Not given: opened from the configuration, migrated, and closed with the dashboard. */
  readonly ledger?: Ledger;
  /** Not given: opened from the configuration, and closed with the dashboard. */
  readonly queue?: TaskQueue;
  /** Instead of the configuration's; 0: any free port. */
  readonly port?: number;
}

export interface Dashboard extends App {
  /** Where it answers, as seen from this host. */
  readonly url: string;
  /** A new link that signs an operator in: once, within 15 minutes. */
  signInLink(): Promise<string>;
}

/**
 * Serves the overview, Bull Board, the API, metrics and health. Several may run side by side: what they need to agree
 * on is in the ledger. Rejects when the port is taken, or ledger or queue cannot be opened.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { config, logger, metrics = createMetrics('dashboard') } = options;
  const opened: { close(): Promise<void> }[] = [];
  try {
    const ledger = options.ledger ?? (await own(openConfiguredLedger(config)));
    if (options.ledger === undefined) await migrateLedger(ledger);
    const queue = options.queue ?? (await own(openConfiguredQueue(config, logger)));
    const ending = new AbortController();
    const web = createWebApp({ config, ledger, queue, logger, metrics, stopping: ending.signal });
    const server = web.listen(options.port ?? config.dashboard.port, config.dashboard.host);
    server.requestTimeout = REQUEST_MS;
    server.headersTimeout = HEADERS_MS;
    await once(server, 'listening');
    const url = urlOf(server, config.dashboard.host);
    logger.info({ url }, 'dashboard: serving');
    return lifeOf(server, ending, opened, url, async () => `${url}/sign-in/link?token=${await newSignInLink(ledger)}`);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }

  async function own<T extends { close(): Promise<void> }>(part: T | Promise<T>): Promise<T> {
    const value = await part;
    opened.push(value);
    return value;
  }
}

function lifeOf(
  server: Server,
  ending: AbortController,
  opened: readonly { close(): Promise<void> }[],
  url: string,
  signInLink: () => Promise<string>,
): Dashboard {
  const done = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  server.on('error', done.reject);
  return {
    url,
    signInLink,
    done: done.promise,
    stop() {
      stopping ??= (async () => {
        // Idle keep-alive connections end now, those with a request when it is answered.
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        ending.abort();
        server.closeIdleConnections();
        // One that never comes to its end must not keep the process.
        const late = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
        await closed;
        clearTimeout(late);
        await closeAll(opened);
        done.resolve();
      })();
      return stopping;
    },
  };
}

async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.allSettled(opened.toReversed().map((part) => part.close()));
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}`;
}

function openConfiguredLedger(config: ResolvedConfig): Ledger {
  const url = requireUrls(config).ledgerUrl;
  return openLedger({ url, schema: config.ledger.schema, applicationName: 'reindeer-dashboard' });
}

function openConfiguredQueue(config: ResolvedConfig, logger: Logger): Promise<TaskQueue> {
  return openTaskQueue({
    url: requireUrls(config).queueUrl,
    prefix: config.queue.prefix,
    clientName: 'reindeer-dashboard',
    onError: (error) => logger.warn({ error }, 'the queue reported an error'),
  });
}
