import { type BackendFactory, type Processor, Worker, type WorkerOptions } from 'bullmq';

/** A BullMQ worker that can be ended by force also while it is closing gently, and that rests when the server refuses. */
export class JobWorker extends Worker<unknown, unknown, string> {
  #errors: number[] = [];
  #rest: NodeJS.Timeout | null = null;

  constructor(
    name: string,
    process: Processor<unknown, unknown, string>,
    options: WorkerOptions,
    factory: BackendFactory | undefined,
  ) {
    // The constructor's types know Redis's backend only; the factory makes its own.
    super(name, process, options, factory as undefined);
    this.on('error', () => this.#restAfterErrors());
    // Without this a processor goes on for as long as it likes with a job that another worker has.
    this.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.cancelJob(id, 'the queue lost its lock on the job');
    });
  }

  /** Ends at once: locks are no longer renewed, so that the jobs under way stall and are delivered again. */
  async kill(): Promise<void> {
    this.#stopResting();
    this.cancelAllJobs('the consumer was ended by force');
    if (this.closing === undefined) return this.close(true);
    await this.lockManager.close();
    await this.backend.close(true);
  }

  override async close(force = false): Promise<void> {
    this.#stopResting();
    return super.close(force);
  }

  /** After an error that is not its connection's, BullMQ fetches again at once: 3,000 times a second when Redis is full. */
  #restAfterErrors(): void {
    const now = Date.now();
    this.#errors = [...this.#errors.filter((at) => at > now - 1_000), now];
    if (this.#errors.length < 5 || this.#rest !== null || this.closing !== undefined) return;
    this.#rest = setTimeout(() => {
      this.#rest = null;
      void this.resume();
    }, 1_000);
    void this.pause(true);
  }

  #stopResting(): void {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
  }
}
