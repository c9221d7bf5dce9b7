import type { Queue } from 'bullmq';
import type { QueueLimit } from './limits.ts';

/** What a worker claims. `plan` and `finish` have number 0, slices count from 1. */
export type TaskKind = 'plan' | 'slice' | 'finish';
/** Two per index, each with its own slots, so that a rebuild never delays freshness. */
export type QueueLane = 'live' | 'bulk';

/** A job's payload: names and numbers only, never state (I1). */
export interface TaskRef {
  readonly index: string;
  readonly run: number;
  readonly kind: TaskKind;
  readonly number: number;
  readonly delivery: number;
}

/** One delivery of a task. Delivering the same again is a no-op: its job id is made of nonce, task and delivery. */
export interface Delivery extends TaskRef {
  readonly queue: QueueLane;
  readonly nonce: string;
  /** What a person sees in Bull Board: `cities · rebuild #12 · slice 3/16`. */
  readonly title: string;
  readonly delayMs: number;
}

/** A tick's payload: names only. */
export interface TickRef {
  readonly index: string;
  readonly lane: 'rebuild' | 'refresh' | 'verify' | 'incremental' | 'promote';
  readonly shard: number;
}

export interface ScheduleEntry extends TickRef {
  readonly schedule:
    | { readonly kind: 'every'; readonly everyMs: number; readonly offsetMs: number }
    | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string };
}

/** What a handler makes of a delivered job. Throwing fails the job for good, so that Bull Board shows it. */
export type Verdict =
  | { readonly kind: 'done'; readonly result: unknown }
  /** Given back: delivered again, as the same job, after the delay; behind others when it is 0. */
  | { readonly kind: 'again'; readonly delayMs: number };

export interface TaskHandlerContext {
  /** Aborted when the queue lost its lock on the job, or the consumer is stopping by force. */
  readonly signal: AbortSignal;
  /** For Bull Board's ring and JSON tab; at most once a second is sent. */
  progress(value: { readonly progress: number } & Record<string, unknown>): void;
  log(line: string): void;
}

export interface Consumer {
  /** No new jobs; resolves when those under way have ended. Waits for a server that is away, until `kill`. */
  stop(): Promise<void>;
  /** Ends at once; jobs under way stall and are delivered again. */
  kill(): Promise<void>;
}

export interface ScheduledTick extends ScheduleEntry {
  /** Milliseconds since 1970; null when not known. */
  readonly next: number | null;
}

export interface BoardQueue {
  readonly name: string;
  readonly index: string | null;
  readonly queue: Queue;
}

export interface QueueFinding {
  /** Short and stable: `redis-eviction`, `redis-version`, `redis-append-only`. */
  readonly code: string;
  /** `danger` is reported at each start; `advice` only to those who ask. */
  readonly severity: 'danger' | 'advice';
  readonly message: string;
}

/** The queue of one deployment, on Redis or on BullMQ's PostgreSQL backend. The only thing that knows BullMQ. */
export interface TaskQueue {
  readonly backend: 'redis' | 'postgres';
  deliver(deliveries: readonly Delivery[]): Promise<void>;
  consumeTasks(
    index: string,
    queue: QueueLane,
    concurrency: number,
    handle: (task: TaskRef, context: TaskHandlerContext) => Promise<Verdict>,
  ): Consumer;
  /** `slot`: the tick's time in ms, from its job id; null for one that a person fired by hand. */
  consumeTicks(concurrency: number, handle: (tick: TickRef, slot: number | null) => Promise<unknown>): Consumer;
  /** Those of the deliveries whose job is still there and not finished. */
  present(
    deliveries: readonly Pick<Delivery, 'index' | 'queue' | 'nonce' | 'kind' | 'number' | 'delivery'>[],
  ): Promise<boolean[]>;
  /** Applies the wanted schedules: adds, changes, removes; one already right is left alone, and nothing fires an extra run. */
  applySchedules(wanted: readonly ScheduleEntry[]): Promise<{ added: number; changed: number; removed: number }>;
  schedules(): Promise<readonly ScheduledTick[]>;
  /** The random text that is lost with the queue's data; null when it has none. */
  epoch(): Promise<string | null>;
  setEpoch(epoch: string): Promise<void>;
  /** Queues that a person paused in Bull Board. */
  pausedQueues(indexes: readonly string[]): Promise<readonly { index: string; queue: QueueLane }[]>;
  resume(index: string, queue: QueueLane): Promise<void>;
  /** Whether a person paused the queue of ticks in Bull Board: then no schedule starts anything. */
  ticksPaused(): Promise<boolean>;
  resumeTicks(): Promise<void>;
  /** Queues, `ticks` among them, that a person limited in Bull Board. */
  limits(indexes: readonly string[]): Promise<readonly QueueLimit[]>;
  counts(indexes: readonly string[]): Promise<readonly { queue: string; state: string; count: number }[]>;
  /** Resolves when the server answers; rejects with UnavailableError. */
  ping(): Promise<void>;
  /** What is wrong with the server although it answers, each with its remedy; empty when nothing is. */
  health(): Promise<readonly QueueFinding[]>;
  /** BullMQ's own objects, for Bull Board: `ticks` (index null) and the two queues of each index. Closed with this. */
  boardQueues(indexes: readonly string[]): readonly BoardQueue[];
  close(): Promise<void>;
}

export interface TaskQueueOptions {
  /** redis://…, rediss://… (with `?ca=`, `?cert=`, `?key=`), or postgres://… (BullMQ's own backend). */
  readonly url: string;
  readonly prefix: string;
  /** Which app this is, as the server shows its connections to an operator: `reindeer-worker`. Default `reindeer`. */
  readonly clientName?: string;
  /** Called for errors of the connections, at once, and while more like it come once in 10 s with their number. */
  readonly onError: (error: Error) => void;
  /** Called for what is expected now and then, such as a job whose lock another worker has by now. Default: nothing. */
  readonly onDebug?: (error: Error) => void;
  /**
   * How long a job stays locked without renewal, in ms. Default 30,000. Shorter: jobs of a dead worker come back
   * sooner; a main thread that is busy for as long loses its jobs to others. The ledger's claim decides either way.
   */
  readonly lockDurationMs?: number;
  /** How often jobs without a lock are looked for, in ms; they come back at the second look. Default 15,000. */
  readonly stalledIntervalMs?: number;
}
