import { assertSchemaAccepted, type Ledger } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';
import { checkDependency, type ReadinessCheck } from '@reindeer/runtime';

/** What the dashboard needs: the ledger with a schema it knows, and the queue. */
export function dependencies(ledger: Ledger, queue: TaskQueue): Promise<ReadinessCheck[]> {
  return Promise.all([
    checkDependency('ledger', () => assertSchemaAccepted(ledger)),
    checkDependency('queue', () => queue.ping()),
  ]);
}
