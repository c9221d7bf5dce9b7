import { readFileSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const BATCH_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const RUN_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

/** What Prometheus may ask of an app. The names are a contract (docs/metrics.md); each app moves those it knows about. */
export interface Metrics {
  readonly app: string;
  readonly registry: Registry;
  readonly buildInfo: Gauge<'version' | 'node'>;
  /** Documents of acknowledged batches by outcome: written, unchanged, superseded, filtered, deleted, failed. */
  readonly documents: Counter<'index' | 'lane' | 'outcome'>;
  readonly bytes: Counter;
  /** Seconds of one batch in a stage: read, transform, write, checkpoint. */
  readonly batchSeconds: Histogram<'stage'>;
  readonly throttleSeconds: Counter<'reason'>;
  /** Set when it is asked for. */
  readonly leaseAgeSeconds: Gauge;
  readonly runSeconds: Histogram;
  readonly runs: Counter<'state' | 'reason'>;
  readonly ticks: Counter<'outcome' | 'reason'>;
  readonly reclaims: Counter;
  /** 1 while this process leads the schedulers, else 0. */
  readonly leader: Gauge;
  readonly sweepErrors: Counter<'sweep'>;
  readonly slices: Gauge<'index' | 'state'>;
  /** Of the feed that follows changes: without one there is no series. */
  readonly lagSeconds: Gauge<'index'>;
  /** Only of indexes that have a feed. */
  readonly lagTargetSeconds: Gauge<'index'>;
  readonly requestedKeys: Gauge<'index'>;
  readonly freshnessSeconds: Gauge<'index'>;
  /** Only of indexes whose configuration says it: `rebuild.freshFor`, else `rebuild.every`. */
  readonly freshnessTargetSeconds: Gauge<'index'>;
  readonly progressAgeSeconds: Gauge;
  readonly queueJobs: Gauge<'queue' | 'state'>;
  readonly definitionMismatch: Gauge<'index'>;
  readonly owedRefreshes: Gauge<'index'>;
  readonly refreshOwedSeconds: Gauge<'index'>;
  readonly holdSeconds: Gauge<'index'>;
  readonly failedRuns: Gauge<'index' | 'lane'>;
  readonly workers: Gauge;
}

/** The apps that count. */
type AppName = 'worker' | 'scheduler';

const WORKER: readonly AppName[] = ['worker'];
const SCHEDULER: readonly AppName[] = ['scheduler'];

/**
 * A registry of its own with Reindeer's metrics and those of the process; every series carries the label `app`. All names
 * are there on every app, but a series only where the app knows the value: a zero would be a statement.
 */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const knows = (apps: readonly AppName[]) => (apps as readonly string[]).includes(app);
  const counter = <L extends string>(apps: readonly AppName[], name: string, help: string, labelNames: L[]) =>
    silent(
      new Counter({ name: `reindeer_${name}`, help, labelNames, registers }),
      !knows(apps) && labelNames.length === 0,
    );
  const histogram = <L extends string>(
    apps: readonly AppName[],
    name: string,
    help: string,
    labelNames: L[],
    buckets: number[],
  ) =>
    silent(
      new Histogram({ name: `reindeer_${name}`, help, labelNames, buckets, registers }),
      !knows(apps) && labelNames.length === 0,
    );
  // A gauge says something only once it was set.
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    silent(new Gauge({ name: `reindeer_${name}`, help, labelNames, registers }), labelNames.length === 0);

  const metrics: Metrics = {
    app,
    registry,
    buildInfo: gauge('build_info', 'Which Reindeer on which Node this is.', ['version', 'node']),
    documents: counter(WORKER, 'documents_total', 'Documents by what became of them.', ['index', 'lane', 'outcome']),
    bytes: counter(WORKER, 'bytes_total', 'Bytes of document bodies sent to sinks.', []),
    batchSeconds: histogram(
      WORKER,
      'batch_seconds',
      'Time of a batch in each stage.',
      ['stage'],
      BATCH_BUCKETS_SECONDS,
    ),
    throttleSeconds: counter(WORKER, 'throttle_seconds_total', 'Time spent waiting on purpose, by reason.', ['reason']),
    leaseAgeSeconds: gauge('lease_age_seconds', 'Time since the ledger confirmed the lease of this worker.', []),
    runSeconds: histogram(SCHEDULER, 'run_seconds', 'Time from start to end of a run.', [], RUN_BUCKETS_SECONDS),
    runs: counter(SCHEDULER, 'runs_total', 'Runs that ended, by state and reason.', ['state', 'reason']),
    ticks: counter(SCHEDULER, 'ticks_total', 'Ticks by outcome and reason.', ['outcome', 'reason']),
    reclaims: counter(SCHEDULER, 'reclaims_total', 'Tasks taken over from a dead owner.', []),
    leader: gauge('leader', '1 while this process leads the schedulers, else 0.', []),
    sweepErrors: counter(SCHEDULER, 'sweep_errors_total', 'Sweeps that failed and are made again, by sweep.', [
      'sweep',
    ]),
    slices: gauge('slices', 'Slices of open runs by state.', ['index', 'state']),
    lagSeconds: gauge('lag_seconds', 'How far the feed is behind the source.', ['index']),
    lagTargetSeconds: gauge('lag_target_seconds', 'How far the configuration lets the feed be behind.', ['index']),
    requestedKeys: gauge('requested_keys', 'Requested keys that wait to be indexed; 100,000 may be more.', ['index']),
    freshnessSeconds: gauge('freshness_seconds', 'Age of what is live: of its oldest shard.', ['index']),
    freshnessTargetSeconds: gauge('freshness_target_seconds', 'How old the configuration lets it become.', ['index']),
    progressAgeSeconds: gauge(
      'progress_age_seconds',
      'Longest time since a task that runs, or is tried again, made progress; 0: there is none.',
      [],
    ),
    queueJobs: gauge('queue_jobs', 'Jobs in the queue by state.', ['queue', 'state']),
    definitionMismatch: gauge(
      'definition_mismatch',
      '1 while what is live is of another definition than is applied, else 0.',
      ['index'],
    ),
    owedRefreshes: gauge('owed_refreshes', 'Shards of what is live that wait for a refresh.', ['index']),
    refreshOwedSeconds: gauge('refresh_owed_seconds', 'Age of the oldest refresh that is owed.', ['index']),
    holdSeconds: gauge('hold_seconds', 'Age of the oldest hold in force; index "*": on everything.', ['index']),
    failedRuns: gauge('failed_runs', 'Runs that failed in a row, since the last that completed.', ['index', 'lane']),
    workers: gauge('workers', 'Worker processes whose lease is in force.', []),
  };
  metrics.buildInfo.set({ version: version(), node: process.versions.node }, 1);
  return metrics;

  /** Without the zero that a metric without labels begins with. */
  function silent<M extends { remove(): void }>(metric: M, yes: boolean): M {
    if (yes) metric.remove();
    return metric;
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}
