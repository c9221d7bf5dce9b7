import type { Queue } from 'bullmq';
import { jobId, queueName } from './names.ts';
import type { Delivery, TaskRef } from './queue.ts';
import { JOB_OPTIONS } from './retention.ts';

/** Jobs in one round trip. */
const CHUNK = 500;

/** Adds the jobs of deliveries; one that is there already, finished or not, is left as it is (I1). */
export async function deliver(queueNamed: (name: string) => Queue, deliveries: readonly Delivery[]): Promise<void> {
  const byQueue = Map.groupBy(deliveries, (delivery) => queueName(delivery.index, delivery.queue));
  for (const [name, those] of byQueue) {
    for (let at = 0; at < those.length; at += CHUNK) {
      await queueNamed(name).addBulk(those.slice(at, at + CHUNK).map(jobOf));
    }
  }
}

function jobOf(delivery: Delivery) {
  const { index, run, kind, number, delivery: nth } = delivery;
  const data: TaskRef = { index, run, kind, number, delivery: nth };
  const delay = Math.max(0, Math.round(delivery.delayMs));
  return { name: delivery.title, data, opts: { ...JOB_OPTIONS, jobId: jobId(delivery), delay } };
}
