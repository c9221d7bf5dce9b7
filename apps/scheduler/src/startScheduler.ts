import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type ResolvedConfig, requireUrls } from '@reindeer/config';
import { openConnections } from '@reindeer/connectors';
import { connectionProbes, openIndexes } from '@reindeer/engine';
import {
  applyConfiguration,
  keptDefinition,
  migrateLedger,
  openLedger,
  query,
  readShardAges,
  stepDown,
} from '@reindeer/ledger';
import { openTaskQueue, toDeliveries } from '@reindeer/queue';
import {
  type App,
  checkDependency,
  type Logger,
  type Metrics,
  seldomAsked,
  startTelemetryServer,
} from '@reindeer/runtime';
import { eventObserver } from './eventObserver.ts';
import { handleTick } from './handleTick.ts';
import type { SweepContext } from './sweepContext.ts';
import { endedRunCounter } from './sweeps/gauges.ts';
import { ledgerComparer } from './sweeps/restoredLedger.ts';
import { tombstonePurger } from './sweeps/tombstones.ts';
import { LEADERSHIP, sweepWhileLeading } from './sweepWhileLeading.ts';

export interface SchedulerOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Applies this configuration even if the ledger has seen it before a newer one. Default false. */
  readonly forceConfiguration?: boolean;
  /**
   * A round of sweeps that takes longer, in ms, is taken to hang, and the process to be unhealthy. Default 5 minutes: each
   * question to ledger or queue ends in a minute at most, dropping a large generation may take two.
   */
  readonly hangMs?: number;
}

const TICK_CONCURRENCY = 4;

/** Starts a scheduler: it brings ledger and schedules up to date, handles ticks, and, while it leads, sweeps. */
export async function startScheduler(options: SchedulerOptions): Promise<App> {
  const { config, logger, metrics, hangMs = 300_000 } = options;
  const { ledgerUrl, queueUrl } = requireUrls(config);
  const ledger = openLedger({ url: ledgerUrl, schema: config.ledger.schema, applicationName: 'reindeer-scheduler' });
  const migrated = await migrateLedger(ledger);
  if (migrated.applied.length > 0) logger.info({ applied: migrated.applied }, 'the ledger was migrated');

  const holder = randomUUID();
  const applied = await applyConfiguration(ledger, {
    fingerprint: config.fingerprint,
    appliedBy: `${hostname()}-${process.pid}`,
    indexes: Object.values(config.indexes).map((index) => ({
      name: index.name,
      fingerprint: index.fingerprint,
      revision: index.revision,
      definition: keptDefinition(index),
      changes: index.source.changes,
      feedEveryMs: index.incremental?.everyMs ?? null,
    })),
    force: options.forceConfiguration ?? false,
  });
  const current = applied.kind === 'applied';
  if (!current) {
    logger.warn(
      { number: applied.number },
      'this configuration is older than the one the ledger has: its schedules and definitions are not applied. Deploy the newer one, or make this the newest with `reindeer scheduler --apply-config`',
    );
  } else if (applied.voided.length > 0) {
    logger.warn({ runs: applied.voided }, 'runs of an older definition were ended');
  }

  const queue = await openTaskQueue({
    url: queueUrl,
    prefix: config.queue.prefix,
    clientName: 'reindeer-scheduler',
    onError: (error) => logger.warn({ error }, 'the queue reported an error'),
  });
  const indexes = openIndexes(
    config.indexes,
    openConnections(config.connections, { maxConnections: 2, clientName: 'reindeer-scheduler' }),
  );
  const ending = new AbortController();
  const context: SweepContext = {
    config,
    engine: { ledger, deliver: (due) => queue.deliver(toDeliveries(due)), observer: eventObserver(logger) },
    queue,
    indexes,
    logger,
    metrics,
    appliesConfiguration: current,
    countEndedRuns: endedRunCounter(),
    compareLedger: ledgerComparer(),
    purgeTombstones: tombstonePurger(),
    signal: ending.signal,
  };
  const ticks = queue.consumeTicks(TICK_CONCURRENCY, (tick, slot) => handleTick(context, tick, slot));
  const sinks = seldomAsked(connectionProbes(config.indexes, indexes, ['sink']));
  let roundAt = performance.now();
  const sweepCheck = () => {
    const ageMs = performance.now() - roundAt;
    const detail = `the last round of sweeps ended ${Math.round(ageMs)} ms ago`;
    return [{ name: 'sweeps', ok: ageMs < hangMs + config.scheduler.sweepMs, detail }];
  };
  const telemetry = await startTelemetryServer({
    host: config.telemetry.host,
    port: config.telemetry.port,
    token: config.dashboard.metricsToken,
    metrics,
    liveness: sweepCheck,
    readiness: async () => [
      ...(await Promise.all([
        checkDependency('ledger', () => query(ledger, 'select 1')),
        checkDependency('queue', () => queue.ping()),
      ])),
      ...(await sinks()),
      ...sweepCheck(),
    ],
    shards: () => readShardAges(ledger),
  });
  logger.info({ holder, indexes: Object.keys(config.indexes) }, 'scheduler started');

  const sweeping = sweepWhileLeading(context, holder, {
    hangMs,
    onRound: () => {
      roundAt = performance.now();
    },
  });
  let stopping: Promise<void> | null = null;
  const done = Promise.withResolvers<void>();
  sweeping.catch(done.reject);
  const stop = async (): Promise<void> => {
    ending.abort();
    await ticks.stop();
    await sweeping;
    await stepDown(ledger, LEADERSHIP, holder).catch(() => {});
    await telemetry.stop();
    await indexes.close();
    await queue.close();
    await ledger.close();
    done.resolve();
  };
  return {
    done: done.promise,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}
