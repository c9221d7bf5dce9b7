import { setTimeout as wait } from 'node:timers/promises';
import type { Position } from '@reindeer/connectors';
import { NO_OPTIONS, WHOLE_INDEX } from '@reindeer/core';
import { dropGenerations, requestPromotion, requestRun, startOwedRefreshes } from '@reindeer/engine';
import { readConsumers, settleHanging, supersedeInPlaceRuns } from '@reindeer/ledger';
import { until } from '../support/until.ts';
import { Clock } from './Clock.ts';
import type { Deployment } from './Deployment.ts';
import { Fleet } from './Fleet.ts';
import { labelling, type Transaction, transactionsOf } from './habits.ts';
import { Judge } from './Judge.ts';
import { Random } from './Random.ts';
import { type Act, type RoundShape, roundShape } from './shape.ts';
import { runWriter } from './Writers.ts';

const TICK_MS = 10;
const SWEEP_MS = 40;
/** Only what hangs takes that long. */
const REST_MS = 600_000;

export interface RoundReport {
  readonly seed: number;
  readonly shape: RoundShape;
  readonly promotions: number;
  readonly takeOvers: number;
  /** Runs that ended without being done, by reason. */
  readonly ended: readonly string[];
  /** What was wrong: nothing as a rule. */
  readonly wrong: readonly string[];
  readonly trace: readonly string[];
}

/** One round on a deployment that is at rest, and that its shape is made for: it leaves it at rest, if all went well. */
export async function runRound(
  deploymentOf: (shape: RoundShape) => Deployment,
  seed: number,
  given?: RoundShape,
): Promise<RoundReport> {
  const random = new Random(seed);
  const shape = given ?? roundShape(random, process.env.RACE_KIND || undefined);
  const round = new Round(deploymentOf(shape), seed, random, shape);
  await round.run();
  return round.report;
}

class Round {
  readonly #deployment: Deployment;
  readonly #seed: number;
  readonly #random: Random;
  readonly #shape: RoundShape;
  readonly #clock = new Clock();
  readonly #fleet: Fleet;
  readonly #began = performance.now();
  readonly #trace: string[] = [];
  readonly #wrong: string[] = [];
  readonly #signal = new AbortController().signal;
  #judge: Judge | null = null;
  #promotions = 0;
  #takeOvers = 0;
  #writing = 0;
  #ended: string[] = [];
  #over = false;

  constructor(deployment: Deployment, seed: number, random: Random, shape: RoundShape) {
    this.#deployment = deployment;
    this.#seed = seed;
    this.#random = random;
    this.#shape = shape;
    this.#fleet = new Fleet({
      deployment,
      random: this.#random.fork(),
      clock: this.#clock,
      shape: this.#shape,
      trace: (message) => this.#note(message),
      promoted: async (generation) => {
        this.#promotions += 1;
        await this.#judge?.checkPromotion(generation);
      },
    });
  }

  get report(): RoundReport {
    return {
      seed: this.#seed,
      shape: this.#shape,
      promotions: this.#promotions,
      takeOvers: this.#takeOvers,
      ended: this.#ended,
      wrong: this.#wrong,
      trace: this.#trace,
    };
  }

  async run(): Promise<void> {
    const [before] = await this.#deployment.sql<{ run: number }>(`select coalesce(max(run), 0)::int as run from runs`);
    const judge = await Judge.open(this.#deployment, (what) => this.#isWrong(what));
    this.#judge = judge;
    for (let left = this.#shape.processes; left > 0; left -= 1) await this.#fleet.start();
    const queue = this.#serve().catch((error: unknown) => this.#isWrong(`the queue stopped: ${String(error)}`));
    const watch = judge
      .watch(() => this.#over)
      .catch((error: unknown) => this.#isWrong(`nobody watched: ${String(error)}`));
    try {
      await Promise.all([...this.#writers(judge), ...this.#shape.acts.map((act) => this.#act(act))]);
      await this.#rest();
      if (this.#wrong.length === 0) await judge.checkRest();
    } catch (error) {
      this.#wrong.push(error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error));
    } finally {
      this.#over = true;
      await Promise.all([queue, watch]);
      await this.#fleet.stop();
    }
    const ended = await this.#deployment.sql<{ ended: string }>(
      `select lane || ': ' || coalesce(reason, '?') as ended from runs where run > $1 and status in ('failed', 'cancelled')`,
      [before?.run ?? 0],
    );
    this.#ended = ended.map((row) => row.ended);
  }

  #writers(judge: Judge): Promise<void>[] {
    const { writers, habit, labels } = this.#shape;
    const all = Array.from({ length: this.#shape.keys }, (_, at) => String(at + 1));
    const text = (key: string) => judge.history.newest(key);
    const habits = Array.from({ length: writers }, (_, writer) => {
      const own = all.filter((_key, at) => at % writers === writer);
      return transactionsOf(habit, { all, own, text }, this.#random.fork());
    });
    const shelves = labels === null ? [] : [labelling(labels, habit.rest, all, this.#random.fork())];
    return [...habits, ...shelves].map((transactions, at) => this.#write(judge, `w${at + 1}`, all, transactions));
  }

  async #write(
    judge: Judge,
    name: string,
    keys: readonly string[],
    transactions: Iterable<Transaction>,
  ): Promise<void> {
    const { application, table, shelves } = this.#deployment;
    const { holds, hold, rollbacks } = this.#shape;
    this.#writing += 1;
    await runWriter({
      pool: application,
      table,
      shelves,
      keys,
      transactions,
      holds,
      hold,
      rollbacks,
      history: judge.history,
      labels: judge.labels,
      random: this.#random.fork(),
      clock: this.#clock,
      trace: (message) => this.#note(`${name} ${message}`),
    });
    this.#writing -= 1;
  }

  /** Until the round is over: tasks that are due find a process, and the scheduler's sweeps do their part. */
  async #serve(): Promise<void> {
    for (let sweptAt = 0; !this.#over; await wait(TICK_MS)) {
      const sweeps = await this.#fleet.dispatch();
      if (!sweeps || performance.now() - sweptAt < SWEEP_MS) continue;
      sweptAt = performance.now();
      await this.#sweep();
    }
  }

  async #sweep(): Promise<void> {
    const index = this.#deployment.definition;
    const { context } = this.#fleet;
    // Nothing backs off here: that is a matter of time, and of no order.
    await this.#deployment.sql(
      `update runs set finished_at = finished_at - interval '2 hours' where status = 'failed' and finished_at > now() - interval '1 hour'`,
    );
    await supersedeInPlaceRuns(context.ledger);
    await settleHanging(context.ledger);
    await startOwedRefreshes(context, { [index.name]: index });
    await this.#request('incremental', 'start');
  }

  async #act({ kind, after, shard }: Act): Promise<void> {
    await this.#clock.wait(after);
    const { context } = this.#fleet;
    const index = this.#deployment.definition;
    switch (kind) {
      case 'rebuild':
        return this.#request('rebuild', 'manual');
      case 'refresh':
        return this.#request('refresh', 'manual', shard);
      case 'keep-refreshing': {
        // Shard after shard, as soon as the one before lets it.
        while (this.#writing > 0) {
          for (const one of [0, 1, 2]) await this.#request('refresh', 'start', one);
          await this.#clock.wait(60);
        }
        return;
      }
      case 'rollback': {
        const asked = { index, direction: 'back', generation: null, force: false, note: null, actor: 'test' } as const;
        const answer = await requestPromotion(context, asked);
        return this.#note(`rollback: ${answer.kind === 'started' ? answer.run : answer.reason}`);
      }
      case 'deploy': {
        await this.#deployment.deploy();
        this.#note(`definition ${this.#deployment.number} is deployed`);
        await this.#fleet.start();
        await this.#fleet.start();
        return this.#request('rebuild', 'manual');
      }
      case 'take-over':
        this.#takeOvers += 1;
        return this.#fleet.takeOver();
      case 'restart':
        return this.#fleet.restart();
      case 'prune':
        return this.#prune();
    }
  }

  async #request(lane: 'rebuild' | 'refresh' | 'incremental', trigger: 'manual' | 'start', shard = WHOLE_INDEX) {
    const index = this.#deployment.definition;
    const asked = { index, lane, shard, trigger, actor: 'test', slot: null, options: NO_OPTIONS } as const;
    const answer = await requestRun(this.#fleet.context, asked);
    if (trigger === 'manual' || answer.kind === 'started')
      this.#note(`${lane} ${shard}: ${answer.kind === 'started' ? `run ${answer.run}` : answer.reason}`);
  }

  async #prune(): Promise<void> {
    const { log } = this.#deployment.connections.source(this.#deployment.definition);
    const consumers = await readConsumers(this.#deployment.ledger);
    if (consumers.length === 0) return;
    const pruned = await log?.prune(
      consumers.map(({ echoed }) => echoed as unknown as Position),
      this.#signal,
    );
    this.#note(`${pruned} rows of the log pruned`);
  }

  /** Writers have stopped: what is late arrives, what is owed is done, the feed drains. */
  async #rest(): Promise<void> {
    const deployment = this.#deployment;
    const [now] = await deployment.sql<{ now: string }>(`select clock_timestamp()::text as now`);
    this.#note('the writers have stopped');
    this.#clock.hurry();
    this.#fleet.hurry();
    let last: unknown;
    let dropped = false;
    await until(
      'the round comes to rest',
      async () => {
        if (this.#wrong.length > 0) return true;
        const [state] = await deployment.sql<{ open: string | null; owed: string | null; behind: string | null }>(
          `select (select string_agg(r.run || ' ' || r.lane || ' ' || r.phase || ' ' || r.status, ', ') from runs r
                    where r.finished_at is null and r.lane <> 'incremental') as open,
                  (select string_agg(o.generation || '/' || o.shard || ' ' || o.cause, ', ') from owed_refreshes o
                     join generations g on g.generation = o.generation
                    where o.discharged_at is null and g.state in ('live', 'retained') and g.stale_reason is null) as owed,
                  (select string_agg(g.name || ' ' || coalesce(c.passed_at::text, 'never'), ', ') from generations g
                     left join consumers c on c.generation = g.generation and c.log = 'source'
                    where g.state in ('live', 'retained') and g.stale_reason is null
                      and not coalesce(c.passed_at > $1, false)) as behind`,
          [now?.now],
        );
        const underway = this.#fleet.underway.count;
        last = { ...state, underway };
        const done = state?.open === null && state.owed === null && state.behind === null;
        if (!done || underway > 0 || this.#fleet.finishes) return false;
        // A swap whose record was lost is found now, and may leave something to do.
        if (!dropped) await dropGenerations(this.#fleet.context, this.#engine(), 2, this.#signal);
        else return true;
        dropped = true;
        return false;
      },
      REST_MS,
    ).catch(async () => {
      const tasks = await deployment.sql(
        `select t.run, t.kind, t.number, t.status, t.claim_no, t.attempts, t.error from tasks t join runs r on r.run = t.run where r.finished_at is null`,
      );
      throw new Error(`did not come to rest in ${REST_MS} ms: ${JSON.stringify(last)} ${JSON.stringify(tasks)}`);
    });
  }

  #engine() {
    const { definition, connections } = this.#deployment;
    return { definition, source: connections.source(definition), sink: connections.sink(definition) };
  }

  #isWrong(what: string): void {
    this.#note(`WRONG: ${what}`);
    this.#wrong.push(what);
  }

  #note(message: string): void {
    this.#trace.push(`${String(Math.round(performance.now() - this.#began)).padStart(6)} ${message}`);
  }
}
