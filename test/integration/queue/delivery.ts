import type { Delivery } from '../../../packages/queue/src/index.ts';

/** A slice's delivery, with what a test wants different. */
export function delivery(different: Partial<Delivery> = {}): Delivery {
  const number = different.number ?? 1;
  return {
    index: 'cities',
    run: 12,
    kind: 'slice',
    number,
    delivery: 1,
    queue: 'bulk',
    nonce: 'k3f9',
    title: `cities · rebuild #12 · slice ${number}/16`,
    delayMs: 0,
    ...different,
  };
}
