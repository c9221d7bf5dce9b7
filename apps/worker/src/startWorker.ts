import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { openConnections } from '@reindeer/connectors';
import { InputError } from '@reindeer/core';
import { connectionProbes, type EngineContext, openIndexes, startOwedRefreshes } from '@reindeer/engine';
import { assertSchemaAccepted, openLedger, query } from '@reindeer/ledger';
import { openTaskQueue, toDeliveries } from '@reindeer/queue';
import {
  type App,
  checkDependency,
  type Logger,
  type Metrics,
  seldomAsked,
  startTelemetryServer,
} from '@reindeer/runtime';
import pLimit from 'p-limit';
import { HeldClaims } from './HeldClaims.ts';
import { observe } from './observe.ts';
import { startLease } from './startLease.ts';
import { type TaskDesk, workTask } from './workTask.ts';

export interface WorkerOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Each with slots and connections of its own, so that a rebuild never delays freshness. */
const QUEUES = ['live', 'bulk'] as const;
/** The batches that a feed has under way at once, a page that is read meanwhile, and one more. */
const FEED_CONNECTIONS = 6;

/** Starts a worker process: its lease, its consumers, and the way they end. */
export async function startWorker({ config, logger, metrics }: WorkerOptions): Promise<App> {
  const { ledgerUrl, queueUrl } = requireUrls(config);
  const { worker: settings } = config;
  const ledger = openLedger({
    url: ledgerUrl,
    schema: config.ledger.schema,
    maxConnections: settings.concurrency + FEED_CONNECTIONS,
    applicationName: 'reindeer-worker',
  });
  await untilMigrated(() => assertSchemaAccepted(ledger), logger);
  const queue = await openTaskQueue({
    url: queueUrl,
    prefix: config.queue.prefix,
    clientName: 'reindeer-worker',
    onError: (error) => logger.warn({ error }, 'the queue reported an error'),
  });
  const open = (maxConnections: number) =>
    openIndexes(config.indexes, openConnections(config.connections, { maxConnections, clientName: 'reindeer-worker' }));
  const indexes = { bulk: open(settings.concurrency + 1), live: open(FEED_CONNECTIONS) };
  const worker = randomUUID();
  const done = Promise.withResolvers<void>();
  const lease = await startLease(
    ledger,
    ledgerUrl,
    {
      worker,
      name: `${hostname()}-${process.pid}`,
      host: hostname(),
      pid: process.pid,
      app: 'worker',
      version: '0.1.0',
    },
    {
      leaseMs: settings.leaseMs,
      hangMs: settings.batchTimeoutMs,
      logger,
      onLost: (error) => done.reject(error),
    },
  );

  const draining = new AbortController();
  const ending = new AbortController();
  const limit = pLimit(settings.concurrency);
  const context: EngineContext = {
    ledger,
    deliver: (due) => queue.deliver(toDeliveries(due)),
    observer: observe(logger, metrics),
  };
  const held = new HeldClaims(context, worker);
  const desk: TaskDesk = {
    context,
    worker,
    held,
    settings: {
      batch: settings.batch,
      batchTimeoutMs: settings.batchTimeoutMs,
      leaseMs: settings.leaseMs,
      turnMs: settings.turnMs,
      maxAttempts: settings.maxAttempts,
    },
    keepGenerations: config.retention.generations,
    draining: draining.signal,
    ending: ending.signal,
    open: (index) => indexes.bulk.open(index),
    afterPromotion: (index) =>
      startOwedRefreshes(context, { [index.name]: index }).catch((error: unknown) =>
        logger.warn({ index: index.name, error }, 'owed refreshes were not started yet; the scheduler starts them'),
      ),
    permit: (work) => limit(work),
  };
  const consumers = Object.keys(config.indexes).flatMap((index) =>
    QUEUES.map((name) =>
      queue.consumeTasks(index, name, settings.concurrency, (task, job) =>
        workTask({ ...desk, open: (wanted) => indexes[name].open(wanted) }, task, job),
      ),
    ),
  );
  const watching = held.watch(settings.leaseMs, ending.signal);
  const ends = seldomAsked(connectionProbes(config.indexes, indexes.bulk, ['source', 'sink']));
  const leaseCheck = () => [
    { name: 'lease', ok: lease.ageMs() < settings.leaseMs, detail: `renewed ${Math.round(lease.ageMs())} ms ago` },
  ];
  const telemetry = await startTelemetryServer({
    host: config.telemetry.host,
    port: config.telemetry.port,
    token: config.dashboard.metricsToken,
    metrics,
    liveness: leaseCheck,
    readiness: async () => [
      ...(await Promise.all([
        checkDependency('ledger', () => query(ledger, 'select 1')),
        checkDependency('queue', () => queue.ping()),
      ])),
      ...(await ends()),
      ...leaseCheck(),
    ],
    onScrape: () => metrics.leaseAgeSeconds.set(lease.ageMs() / 1_000),
  });
  logger.info({ worker, indexes: Object.keys(config.indexes), concurrency: settings.concurrency }, 'worker started');

  let stopping: Promise<void> | null = null;
  const stop = async (reason: string): Promise<void> => {
    logger.info({ reason }, 'draining: slices are handed back at their next checkpoint');
    draining.abort(new Error(reason));
    const stopped = Promise.all(consumers.map((consumer) => consumer.stop()));
    const late = new AbortController();
    await Promise.race([stopped, wait(settings.drainTimeoutMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    ending.abort();
    await Promise.all([watching, ...consumers.map((consumer) => consumer.kill())]);
    await telemetry.stop();
    // Last: as long as something might still write, the lease says so.
    await lease.end();
    await Promise.all([indexes.bulk.close(), indexes.live.close()]);
    await queue.close();
    await ledger.close();
    done.resolve();
  };
  return {
    done: done.promise,
    stop: (reason) => {
      stopping ??= stop(reason);
      return stopping;
    },
  };
}

const MIGRATION_WAIT_MS = 60_000;

/** A scheduler migrates the ledger at its start; a worker that comes first waits for it. */
async function untilMigrated(check: () => Promise<void>, logger: Logger): Promise<void> {
  const until = performance.now() + MIGRATION_WAIT_MS;
  for (let told = false; ; ) {
    try {
      return await check();
    } catch (error) {
      const early = error instanceof InputError && error.code === 'ledger-not-migrated';
      if (!early || performance.now() > until) throw error;
      if (!told) logger.info('waiting for a scheduler, or `reindeer migrate`, to prepare the ledger');
      told = true;
      await wait(500);
    }
  }
}
