import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ResolvedConfig } from '@reindeer/config';
import { assertSchemaAccepted, openLedger } from '@reindeer/ledger';
import { type Consumer, openTaskQueue, toDeliveries } from '@reindeer/queue';
import { type App, type Logger, type Metrics, startTelemetryServer } from '@reindeer/runtime';
import pLimit from 'p-limit';
import { observe } from './observe.ts';
import { openIndexes } from './openIndexes.ts';
import { startLease } from './startLease.ts';
import { type TaskDesk, workTask } from './workTask.ts';

export interface WorkerOptions {
  readonly config: ResolvedConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
}
