import { type Ledger, query } from '../ledger.ts';

/** The epoch that the queue carried when this ledger last saw it; null: never. */
export async function readQueueEpoch(ledger: Ledger): Promise<string | null> {
  const [row] = await query<{ queue_epoch: string | null }>(ledger, `select queue_epoch from ledger`);
  return row?.queue_epoch ?? null;
}

export async function writeQueueEpoch(ledger: Ledger, epoch: string): Promise<void> {
  await query(ledger, `update ledger set queue_epoch = $1`, [epoch]);
}
