import type { Queue } from 'bullmq';
import type { Backend } from './backend.ts';
import { jobId, queueName } from './names.ts';
import type { Delivery } from './queue.ts';

const CHUNK = 1_000;

/** For each delivery, whether its job is there and not finished: waiting, delayed, active or prioritised, in a paused queue too. */
export async function present(
  backend: Backend,
  queueNamed: (name: string) => Queue,
  deliveries: readonly Pick<Delivery, 'index' | 'queue' | 'nonce' | 'kind' | 'number' | 'delivery'>[],
): Promise<boolean[]> {
  const wanted = deliveries.map((delivery) => ({
    id: jobId(delivery),
    name: queueName(delivery.index, delivery.queue),
  }));
  const found = new Map<string, Set<string>>();
  for (const [name, those] of Map.groupBy(wanted, (one) => one.name)) {
    const ids = new Set<string>();
    for (let at = 0; at < those.length; at += CHUNK) {
      const chunk = those.slice(at, at + CHUNK).map((one) => one.id);
      for (const id of await backend.unfinished(queueNamed(name), chunk)) ids.add(id);
    }
    found.set(name, ids);
  }
  return wanted.map(({ id, name }) => found.get(name)?.has(id) ?? false);
}
