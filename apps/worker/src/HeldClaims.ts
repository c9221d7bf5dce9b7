import { setTimeout as wait } from 'node:timers/promises';
import type { EngineContext } from '@reindeer/engine';
import { handBack, runningTasks } from '@reindeer/ledger';

/**
 * The claims that this process is at. A ledger that failed over, or was restored, may have forgotten how tasks ended: to it they
 * are this process's still, and whoever lives is never taken anything. So they are given back, and done again.
 */
export class HeldClaims {
  readonly #tokens = new Set<string>();
  readonly #context: Pick<EngineContext, 'ledger' | 'observer'>;
  readonly #worker: string;

  constructor(context: Pick<EngineContext, 'ledger' | 'observer'>, worker: string) {
    this.#context = context;
    this.#worker = worker;
  }

  /** @param token of a claim that `work` makes, and whose end it records. */
  async during<T>(token: string, work: () => Promise<T>): Promise<T> {
    this.#tokens.add(token);
    try {
      return await work();
    } finally {
      this.#tokens.delete(token);
    }
  }

  /** Looks now and then, until the signal. */
  async watch(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await wait(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.giveBack().catch((error: unknown) =>
        this.#context.observer.event('debug', 'the ledger did not say what this process is at; asked again', { error }),
      );
    }
  }

  /** @returns how many were given back. What the queue does not have any more the scheduler delivers. */
  async giveBack(): Promise<number> {
    const { ledger, observer } = this.#context;
    const running = await runningTasks(ledger, this.#worker);
    // By now: what was under way when the ledger was asked, and has ended since, has its end recorded.
    const ended = running.filter(({ token }) => !this.#tokens.has(token));
    let given = 0;
    for (const task of ended) {
      if ((await handBack(ledger, task, { delayMs: 0, failure: null })) === null) continue;
      given += 1;
      observer.event('warn', 'the ledger has forgotten how a task ended: it went back in time; it is done again', {
        run: task.run,
        task: `${task.kind} ${task.number}`,
      });
    }
    return given;
  }
}
