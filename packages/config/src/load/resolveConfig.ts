import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type IndexDefinition, InputError, type Schedule, stableJson, type Transform } from '@reindeer/core';
import type { ResolvedConfig } from '../resolved.ts';
import type { ParsedConfig } from '../schema/configSchema.ts';
import { parseTableName } from '../schema/tableName.ts';
import { importModule } from './importModule.ts';

const FEED_PAUSE_MS = 500;

type ParsedIndex = ParsedConfig['indexes'][string];

/** A checked configuration with nothing optional left; transforms loaded, definitions fingerprinted. */
export async function resolveConfig(parsed: ParsedConfig, path: string): Promise<ResolvedConfig> {
  const indexes: Record<string, IndexDefinition> = {};
  for (const [name, index] of Object.entries(parsed.indexes)) indexes[name] = await resolveIndex(name, index, path);
  const { worker, retention, dashboard } = parsed;
  const resolved = {
    path,
    ledger: { url: orNull(parsed.ledger.url), schema: parsed.ledger.schema },
    queue: { url: orNull(parsed.queue.url), prefix: parsed.queue.prefix },
    connections: Object.fromEntries(
      Object.entries(parsed.connections).map(([name, { kind, url, ca }]) => [
        name,
        { name, kind, url: orNull(url), ...(ca === undefined ? {} : { ca: resolve(dirname(path), ca) }) },
      ]),
    ),
    indexes,
    worker: {
      concurrency: worker.concurrency,
      leaseMs: worker.lease,
      batchTimeoutMs: worker.batchTimeout,
      turnMs: worker.turn,
      drainTimeoutMs: worker.drainTimeout,
      maxAttempts: worker.maxAttempts,
      batch: {
        maxDocuments: worker.batch.maxDocuments,
        maxBytes: worker.batch.maxBytes,
        inFlight: worker.batch.inFlight,
        targetMs: worker.batch.target,
      },
    },
    scheduler: { sweepMs: parsed.scheduler.sweep },
    retention: { runsMs: retention.runs, generations: retention.generations, failuresMs: retention.failures },
    dashboard: {
      host: dashboard.host,
      port: dashboard.port,
      users: dashboard.users,
      metricsToken: orNull(dashboard.metricsToken),
      sessionMs: dashboard.session,
    },
    telemetry: parsed.telemetry,
  };
  return { ...resolved, fingerprint: fingerprintOf(resolved.indexes, parsed.retention) };
}

async function resolveIndex(name: string, index: ParsedIndex, path: string): Promise<IndexDefinition> {
  const { source, rebuild } = index;
  const transform = await loadTransform(name, index.transform, path);
  // What decides a document, and so a definition. How changes are found decides none: it may change without a rebuild.
  const definition = {
    name,
    source: {
      connection: source.connection,
      table: source.table === undefined ? null : parseTableName(source.table),
      query: source.query ?? null,
      key: source.key,
      columns: source.columns ?? null,
      where: source.where ?? null,
      deleted: source.deleted ?? null,
      changes: 'none' as const,
    },
    sink: index.sink,
    revision: index.revision ?? null,
  };
  return {
    ...definition,
    source: { ...definition.source, ...followed(source) },
    shards: index.shards,
    transform: transform?.run ?? null,
    rebuild: {
      schedule: scheduleOf(rebuild),
      freshForMs: rebuild.freshFor ?? null,
      sliceTargetMs: rebuild.sliceTarget,
      slices: rebuild.slices ?? null,
      maxLagMs: rebuild.maxLag,
      soakMs: rebuild.soak,
      onDefinitionChange: rebuild.onDefinitionChange,
      canaries: rebuild.canaries,
    },
    refresh: { schedule: scheduleOf(index.refresh) },
    verify: { schedule: scheduleOf(index.verify) },
    incremental:
      index.incremental === undefined && source.changes === 'none'
        ? null
        : { everyMs: index.incremental?.every ?? FEED_PAUSE_MS },
    errors: index.errors,
    fingerprint: sha256(stableJson({ ...definition, transform: transform?.text ?? null })),
  };
}

function followed({ changes, modified, lag, log, dependencies }: ParsedIndex['source']) {
  return {
    changes,
    modified: modified ?? null,
    lagMs: lag,
    log: { schema: log.schema, maxRows: log.maxRows, maxBytes: log.maxBytes, maxAgeMs: log.maxAge },
    dependencies: dependencies.map(({ table, key, keys }) => ({
      name: table,
      table: parseTableName(table) ?? { schema: '', name: table },
      key,
      keys,
    })),
  };
}

function scheduleOf(lane: ParsedIndex['refresh']): Schedule | null {
  if (lane.cron !== undefined) return { kind: 'cron', cron: lane.cron, timezone: lane.timezone ?? 'UTC' };
  return lane.every === undefined ? null : { kind: 'every', everyMs: lane.every };
}

async function loadTransform(
  index: string,
  given: ParsedIndex['transform'],
  configPath: string,
): Promise<{ run: Transform; text: string } | null> {
  if (given === undefined) return null;
  if (typeof given === 'function') return { run: given, text: given.toString() };
  const file = resolve(dirname(configPath), given);
  try {
    const { exports, text } = await importModule(file);
    const run = exports.default ?? exports.transform;
    if (run === undefined) throw new Error('it has neither a default export nor an export `transform`');
    if (typeof run !== 'function')
      throw new Error(`its default export is ${run === null ? 'null' : `a ${typeof run}`}, not a function`);
    return { run: run as Transform, text };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new InputError(
      'transform-unreadable',
      `indexes.${index}.transform: ${JSON.stringify(given)} (${file}) cannot be loaded: ${problem}`,
      { cause: error },
    );
  }
}

/** What the schedulers agree on: the indexes with their schedules, and what is kept. Neither secrets nor addresses. */
function fingerprintOf(indexes: Readonly<Record<string, IndexDefinition>>, retention: unknown): string {
  return sha256(stableJson({ indexes: Object.values(indexes).map(({ transform: _, ...rest }) => rest), retention }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
