import { randomUUID } from 'node:crypto';
import type { Sink } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import type { EngineContext, OpenIndex } from '@reindeer/engine';
import { endLease, reclaimDead, renewLease } from '@reindeer/ledger';
import type { TaskRef } from '@reindeer/queue';
import { HeldClaims } from '../../apps/worker/src/HeldClaims.ts';
import { type TaskDesk, workTask } from '../../apps/worker/src/workTask.ts';
import type { Clock } from './Clock.ts';
import { type Deployment, LEASE_MS, REQUEST_TIMEOUT_MS } from './Deployment.ts';
import { lateSink, Underway } from './lateSink.ts';
import { Pace } from './Pace.ts';
import { pausingLedger, pausingSource } from './pausing.ts';
import type { Random } from './Random.ts';
import type { RoundShape } from './shape.ts';

/** Processes of a round after which none loses its lease by a write that is late, and none is. */
const MAX_AIMED = 12;
/** How late a task may be delivered, in steps of the round: some passes of the feed. */
const DELIVERY_STEPS = 400;

/** A worker process, as far as the ledger can tell. */
interface Process {
  readonly name: string;
  readonly desk: TaskDesk;
  readonly pace: Pace;
  readonly lost: AbortController;
  readonly draining: AbortController;
  readonly ending: AbortController;
  readonly tasks: Set<Promise<void>>;
}

export interface FleetOptions {
  readonly deployment: Deployment;
  readonly random: Random;
  readonly clock: Clock;
  readonly shape: Pick<RoundShape, 'lateness' | 'aimed' | 'faults' | 'lateTasks'>;
  readonly trace: (message: string) => void;
  /** Called after every swap, before anybody else knows of it. */
  readonly promoted: (generation: string) => Promise<void>;
}

/**
 * The worker processes of a round, and the queue that they are served from: every task that is due goes to one of them,
 * now and then to two. Processes lose their leases and go on all the same; their tasks go to others.
 */
export class Fleet {
  readonly underway = new Underway();
  readonly #options: FleetOptions;
  readonly #processes: Process[] = [];
  readonly #all: Process[] = [];
  readonly #inHand = new Set<string>();
  #count = 0;
  #finishing = 0;
  #hurried = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** What the engine does outside of any process: a scheduler's part. */
  get context(): EngineContext {
    return contextOf(this.#options.deployment.ledger, this.#options.trace);
  }

  /** A new process with the newest definition. */
  async start(): Promise<void> {
    const { deployment, random } = this.#options;
    this.#count += 1;
    const name = `p${this.#count}(${deployment.number})`;
    const own = random.fork();
    const pace = new Pace(own, this.#options.clock);
    if (this.#hurried) pace.hurry();
    const worker = randomUUID();
    const lease = { worker, name, host: 'here', pid: this.#count, app: 'worker', version: '0' } as const;
    await renewLease(deployment.ledger, lease, 3_600_000);
    const index = this.#open(deployment.definition, name, pace, own);
    const [lost, draining, ending] = [new AbortController(), new AbortController(), new AbortController()];
    const context = contextOf(pausingLedger(deployment.ledger, pace), (message) => this.#trace(name, message));
    const desk: TaskDesk = {
      context,
      worker,
      held: new HeldClaims(context, worker),
      settings: {
        batch: { maxDocuments: own.pick([1, 2, 10]), maxBytes: 1_000_000, inFlight: 2, targetMs: 1_000 },
        batchTimeoutMs: REQUEST_TIMEOUT_MS,
        leaseMs: LEASE_MS,
        turnMs: own.pick([0, 30, 100, 100, 300]),
        maxAttempts: 1_000,
      },
      keepGenerations: 2,
      draining: draining.signal,
      ending: ending.signal,
      open: () => Promise.resolve(index),
      afterPromotion: async () => {},
      permit: (work) => work(),
    };
    const process = { name, desk, pace, lost, draining, ending, tasks: new Set<Promise<void>>() };
    this.#processes.push(process);
    this.#all.push(process);
  }

  /** The oldest processes stop, as in a deployment: they hand back what they have. */
  async restart(): Promise<void> {
    await this.start();
    const [oldest] = this.#processes;
    if (oldest === undefined) return;
    this.#processes.shift();
    this.#trace(oldest.name, 'drains');
    oldest.draining.abort(new Error('drained'));
  }

  /** A process loses its lease without knowing it: its tasks go to others, and it goes on for a while. */
  async takeOver(from: string | null = null): Promise<void> {
    const { deployment, random } = this.#options;
    const busy = this.#processes.filter(({ name, tasks }) => tasks.size > 0 && (from === null || name === from));
    const [victim] = busy.length === 0 ? [] : [random.pick(busy)];
    if (victim === undefined) return;
    await this.start();
    this.#processes.splice(this.#processes.indexOf(victim), 1);
    this.#trace(victim.name, 'loses its lease');
    await endLease(deployment.ledger, victim.desk.worker);
    await reclaimDead(deployment.ledger, 1_000);
    // It may find out at once, or only when the ledger refuses it.
    if (random.chance(0.5)) victim.lost.abort(new Error('The lease was lost.'));
  }

  /** Gives each task that is due to a process. @returns whether a scheduler's sweeps would find something to do */
  async dispatch(): Promise<boolean> {
    const { deployment, random, shape } = this.#options;
    const [found] = await deployment.sql<{ due: TaskRef[] | null; sweeps: boolean }>(
      // Nothing waits for a time here: that is a matter of time, and of no order. Locked by nobody else, or later.
      `with early as (
         select t.run, t.kind, t.number from tasks t join runs r on r.run = t.run
          where r.finished_at is null and t.status = 'queued' and t.not_before > now() for update of t skip locked),
       hurried as (
         update tasks t set not_before = now() from early e where t.run = e.run and t.kind = e.kind and t.number = e.number),
       tried as (update consumers set retry_at = null where retry_at is not null and $1)
       select (select jsonb_agg(jsonb_build_object('index', r.index, 'run', t.run, 'kind', t.kind, 'number', t.number, 'delivery', t.delivery)
                                order by t.run, t.kind, t.number)
                 from tasks t join runs r on r.run = t.run where r.finished_at is null and t.status = 'queued') as due,
              exists (select from owed_refreshes where discharged_at is null)
              or not exists (select from runs where finished_at is null and lane = 'incremental')
              or exists (select from runs where status in ('pausing', 'cancelling'))
              or exists (select from runs r join generations g on g.generation = r.generation
                          where r.finished_at is null and g.state <> 'live' and r.lane in ('refresh', 'verify')) as sweeps`,
      // What the sink failed at is tried again when others have come between.
      [this.#hurried || shape.faults === 0 || random.chance(0.05)],
    );
    const due = found?.due ?? [];
    for (const ref of due) {
      const key = `${ref.run} ${ref.kind} ${ref.number} ${ref.delivery}`;
      if (this.#inHand.has(key)) continue;
      this.#inHand.add(key);
      const process = random.pick(this.#processes);
      this.#give(process, ref, () => this.#inHand.delete(key));
      if (random.chance(0.05)) this.#give(random.pick(this.#processes), ref, () => {});
    }
    return found?.sweeps ?? false;
  }

  /** Whether somebody promotes, or drops what may go after it. */
  get finishes(): boolean {
    return this.#finishing > 0;
  }

  /** Nobody stands still any more, and processes without a lease find out. */
  hurry(): void {
    this.#hurried = true;
    for (const process of this.#all) {
      process.pace.hurry();
      if (this.#processes.includes(process)) continue;
      process.lost.abort(new Error('The lease was lost.'));
      process.ending.abort();
    }
  }

  /** All processes stop; resolves when nothing of them is left. */
  async stop(): Promise<void> {
    this.hurry();
    for (const process of this.#processes.splice(0)) process.draining.abort(new Error('drained'));
    await Promise.all(this.#all.flatMap(({ tasks }) => [...tasks]));
  }

  #give(process: Process, ref: TaskRef, ended: () => void): void {
    if (ref.kind === 'finish') this.#finishing += 1;
    const job = { signal: process.lost.signal, progress() {}, log: (line: string) => this.#trace(process.name, line) };
    const { random, clock, shape } = this.#options;
    const late = random.chance(shape.lateTasks) ? clock.wait(random.between(1, DELIVERY_STEPS)) : Promise.resolve();
    const task: Promise<void> = late
      .then(() => workTask(process.desk, ref, job))
      .then(
        () => {},
        (error: unknown) =>
          this.#trace(process.name, `fails: ${error instanceof Error ? error.message : String(error)}`),
      )
      .finally(() => {
        process.tasks.delete(task);
        if (ref.kind === 'finish') this.#finishing -= 1;
        ended();
      });
    process.tasks.add(task);
  }

  #open(definition: IndexDefinition, name: string, pace: Pace, random: Random): OpenIndex {
    const { deployment, shape, promoted } = this.#options;
    const sink = deployment.connections.sink(definition);
    const promote: Sink['promote'] = async (to, ...rest) => {
      await pace.pause();
      const live = await sink.promote(to, ...rest);
      this.#trace(name, `makes ${to.name} live`);
      await promoted(to.name);
      await pace.pause();
      return live;
    };
    const rarely = random.chance(0.5) ? shape.lateness : 0;
    const takeOver = () => {
      this.takeOver(name).catch((error: unknown) => this.#trace(name, String(error)));
    };
    const late = {
      pace,
      underway: this.underway,
      late: () => ({
        rarely: shape.aimed && this.#count > MAX_AIMED ? 0 : rarely,
        steps: 500,
        onLate: shape.aimed ? takeOver : null,
      }),
      fault: () =>
        shape.faults > 0 && !this.#hurried && random.chance(shape.faults)
          ? random.pick(['refused', 'answer-lost'] as const)
          : null,
      // What is sent before has its part of that time left to be done, on a busy machine too.
      timeoutMs: REQUEST_TIMEOUT_MS * 0.6,
      trace: (message: string) => this.#trace(name, message),
    };
    return {
      definition,
      source: pausingSource(deployment.connections.source(definition), pace),
      sink: lateSink(sink, late, { promote }),
    };
  }

  #trace(name: string, message: string): void {
    this.#options.trace(`${name} ${message}`);
  }
}

function contextOf(ledger: EngineContext['ledger'], trace: (message: string) => void): EngineContext {
  return {
    ledger,
    deliver: async () => {},
    observer: {
      documents() {},
      bytes() {},
      batch() {},
      throttled() {},
      event: (_, message, { index: _index, ...fields }) =>
        trace(
          `${message} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.message : value))}`,
        ),
    },
  };
}
