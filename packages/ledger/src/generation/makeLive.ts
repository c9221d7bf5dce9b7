import type { PoolClient } from 'pg';
import { leaveOtherRows } from '../definition/leaveOtherRows.ts';

/**
 * A swap that the sink has made, as the generations have it: this one is live with its epoch, the one before is retained and
 * soaks. Whatever kept it from being current counts no more, but for a definition of other rows. Repeatable.
 * @param soakMs how long the one before is kept current
 */
export async function makeLive(
  client: PoolClient,
  swap: {
    readonly index: string;
    readonly generation: number;
    readonly epoch: number;
    readonly documents: number;
    readonly soakMs: number;
  },
): Promise<void> {
  await client.query(
    `update generations set state = 'retained', retired_at = now(), soak_until = now() + $3 * interval '1 millisecond'
      where index = $1 and state = 'live' and generation <> $2`,
    [swap.index, swap.generation, swap.soakMs],
  );
  await client.query(
    `update generations set state = 'live', epoch = $2, documents = $3, promoted_at = now(), retired_at = null,
            soak_until = null, stale_reason = null where generation = $1`,
    [swap.generation, swap.epoch, swap.documents],
  );
  await leaveOtherRows(client, swap.index);
}
