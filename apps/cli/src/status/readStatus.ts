import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '@reindeer/core';
import {
  configurationStanding,
  notApplied,
  readAlive,
  readIndex,
  readIndexes,
  readIndexHealth,
  readLastRuns,
  readTroubles,
} from '@reindeer/ledger';
import type { QueueLimit, ScheduledTick } from '@reindeer/queue';
import type { Deployment } from '../setup/withDeployment.ts';
import type { Liveness } from '../views/alarms.ts';
import { type StatusView, statusView } from '../views/statusView.ts';

const QUEUE_LIMIT_MS = 3_000;

/** What the ledger and the queue say of a deployment. */
export interface Status {
  readonly views: readonly StatusView[];
  readonly liveness: Liveness;
  /** Set by somebody in Bull Board. */
  readonly limits: readonly QueueLimit[];
}

/** Of one index, or of all: those that the ledger knows, and those that the configuration has. */
export async function readStatus({ config, ledger, queue }: Deployment, index: string | undefined): Promise<Status> {
  const [alive, standing, health, lastRuns, troubles, queued] = await Promise.all([
    readAlive(ledger),
    configurationStanding(ledger, config.fingerprint),
    readIndexHealth(ledger),
    readLastRuns(ledger),
    readTroubles(ledger),
    readQueue(queue, index === undefined ? Object.keys(config.indexes) : [index]),
  ]);
  const liveness = {
    ...alive,
    ticksPaused: queued?.ticksPaused ?? false,
    queue: queued !== null,
    older: standing.kind === 'older',
  };
  const limits = queued?.limits ?? [];
  const parts = { ticks: queued?.ticks ?? null, health, lastRuns, troubles };
  if (index === undefined) {
    const known = await readIndexes(ledger);
    const unknown = Object.keys(config.indexes).filter((name) => !known.some((one) => one.index === name));
    return {
      views: [...known, ...unknown.map(notApplied)].map((overview) => statusView(overview, parts)),
      liveness,
      limits,
    };
  }
  const overview =
    (await readIndex(ledger, index)) ?? (Object.hasOwn(config.indexes, index) ? notApplied(index) : null);
  if (overview === null)
    throw new InputError(
      'not-in-configuration',
      `There is no index "${index}"; the configuration has ${Object.keys(config.indexes).join(', ')}.`,
    );
  return { views: [statusView(overview, parts)], liveness, limits };
}

interface Queued {
  readonly limits: readonly QueueLimit[];
  readonly ticks: readonly ScheduledTick[];
  readonly ticksPaused: boolean;
}

/** null instead of an error: what the ledger knows is worth showing without the queue. */
async function readQueue(queue: Deployment['queue'], indexes: readonly string[]): Promise<Queued | null> {
  const late = new AbortController();
  const limit = wait(QUEUE_LIMIT_MS, null, { signal: late.signal }).catch(() => null);
  try {
    return await Promise.race([ask(queue, indexes), limit]);
  } catch {
    return null;
  } finally {
    late.abort();
  }
}

async function ask(queue: Deployment['queue'], indexes: readonly string[]): Promise<Queued> {
  const opened = await queue();
  const [ticks, limits, ticksPaused] = await Promise.all([
    opened.schedules(),
    opened.limits(indexes),
    opened.boardQueues([])[0]?.queue.isPaused() ?? false,
  ]);
  return { ticks, limits, ticksPaused };
}
