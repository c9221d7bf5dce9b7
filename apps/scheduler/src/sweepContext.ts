import type { ResolvedConfig } from '@reindeer/config';
import type { EngineContext, OpenIndexes } from '@reindeer/engine';
import type { TaskQueue } from '@reindeer/queue';
import type { Logger, Metrics } from '@reindeer/runtime';

/** What the sweeps of the leading scheduler work with. */
export interface SweepContext {
  readonly config: ResolvedConfig;
  readonly engine: EngineContext;
  readonly queue: TaskQueue;
  readonly indexes: OpenIndexes;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** False where the ledger has a newer configuration: this process then only reconciles. */
  readonly appliesConfiguration: boolean;
  /** Counts runs that ended since it was last called. */
  countEndedRuns(context: SweepContext): Promise<void>;
  /** Looks, once in a while, whether the ledger went back in time. */
  compareLedger(context: SweepContext): Promise<void>;
  /** Lets sinks forget old deletes, once in a while. */
  purgeTombstones(context: SweepContext): Promise<void>;
  readonly signal: AbortSignal;
}
