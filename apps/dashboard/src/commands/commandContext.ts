import type { ResolvedConfig } from '@reindeer/config';
import type { Deliver } from '@reindeer/engine';
import type { Ledger } from '@reindeer/ledger';
import { type TaskQueue, toDeliveries } from '@reindeer/queue';
import type { Logger } from '@reindeer/runtime';

/** What people's commands work with, from a form as from the API. */
export interface CommandContext {
  readonly config: ResolvedConfig;
  readonly ledger: Ledger;
  readonly queue: TaskQueue;
  readonly logger: Logger;
  readonly deliver: Deliver;
}

/** A person waits no longer for a queue that is away. */
const DELIVERY_LIMIT_MS = 3_000;

/** The ledger has decided already when something is delivered, so a queue that is away fails no command: the scheduler's sweep delivers later. */
export function commandContext(context: Omit<CommandContext, 'deliver'>): CommandContext {
  const { queue, logger } = context;
  return {
    ...context,
    async deliver(due) {
      if (due.length === 0) return;
      const late = new Promise<void>((resolve) => setTimeout(resolve, DELIVERY_LIMIT_MS).unref());
      const delivered = queue.deliver(toDeliveries(due)).catch((err: unknown) => {
        logger.warn({ err, tasks: due.length }, 'not delivered now; the scheduler delivers them');
      });
      await Promise.race([delivered, late]);
    },
  };
}
