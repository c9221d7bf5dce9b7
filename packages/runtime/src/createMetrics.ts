import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const BATCH_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const RUN_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

/** What Prometheus may ask of an app. The names are a contract; each app moves those it knows about. */
export interface Metrics {
  readonly registry: Registry;
  /** Documents of acknowledged batches by outcome: written, unchanged, superseded, filtered, deleted, failed. */
  readonly documents: Counter<'index' | 'lane' | 'outcome'>;
  readonly bytes: Counter;
  /** Seconds of one batch in a stage: read, transform, write, checkpoint. */
  readonly batchSeconds: Histogram<'stage'>;
  readonly runSeconds: Histogram;
  readonly runs: Counter<'state' | 'reason'>;
  readonly slices: Gauge<'index' | 'state'>;
  readonly lagSeconds: Gauge<'index'>;
  readonly freshnessSeconds: Gauge<'index'>;
  /** Only of indexes whose configuration says it: `rebuild.freshFor`, else `rebuild.every`. */
  readonly freshnessTargetSeconds: Gauge<'index'>;
  readonly refreshOwedSeconds: Gauge<'index'>;
  readonly holdSeconds: Gauge<'index'>;
  readonly progressAgeSeconds: Gauge;
  readonly queueJobs: Gauge<'queue' | 'state'>;
  readonly ticks: Counter<'outcome' | 'reason'>;
  readonly throttleSeconds: Counter<'reason'>;
  readonly reclaims: Counter;
  readonly workers: Gauge;
  /** 1 while this process leads the schedulers, else 0. */
  readonly leader: Gauge;
}

/** A registry of its own with Reindeer's metrics and those of the process; every series carries the label `app`. */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `reindeer_${name}`, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name: `reindeer_${name}`, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name: `reindeer_${name}`, help, labelNames, buckets, registers });
  return {
    registry,
    documents: counter('documents_total', 'Documents by what became of them.', ['index', 'lane', 'outcome']),
    bytes: counter('bytes_total', 'Bytes of document bodies sent to sinks.', []),
    batchSeconds: histogram('batch_seconds', 'Time of a batch in each stage.', ['stage'], BATCH_BUCKETS_SECONDS),
    runSeconds: histogram('run_seconds', 'Time from start to end of a run.', [], RUN_BUCKETS_SECONDS),
    runs: counter('runs_total', 'Runs that ended, by state and reason.', ['state', 'reason']),
    slices: gauge('slices', 'Slices of open runs by state.', ['index', 'state']),
    lagSeconds: gauge('lag_seconds', 'How far the feed is behind the source.', ['index']),
    freshnessSeconds: gauge('freshness_seconds', 'Age of the last completed indexing.', ['index']),
    freshnessTargetSeconds: gauge('freshness_target_seconds', 'How old the configuration lets it become.', ['index']),
    refreshOwedSeconds: gauge('refresh_owed_seconds', 'Age of the oldest refresh that is owed.', ['index']),
    holdSeconds: gauge('hold_seconds', 'Age of the oldest hold in force; index "*": on everything.', ['index']),
    progressAgeSeconds: gauge('progress_age_seconds', 'Time since any open slice made progress.', []),
    queueJobs: gauge('queue_jobs', 'Jobs in the queue by state.', ['queue', 'state']),
    ticks: counter('ticks_total', 'Ticks by outcome and reason.', ['outcome', 'reason']),
    throttleSeconds: counter('throttle_seconds_total', 'Time spent waiting on purpose, by reason.', ['reason']),
    reclaims: counter('reclaims_total', 'Slices taken over from a dead owner.', []),
    workers: gauge('workers', 'Worker processes whose lease is in force.', []),
    leader: gauge('leader', '1 while this process leads the schedulers.', []),
  };
}
