import { type Ledger, query } from '../ledger.ts';

/**
 * Takes or keeps the leadership of `name` for `leaseMs` of the ledger's clock.
 * @returns its epoch, which rises with every change of holder; null while another's lease lives.
 */
export async function lead(ledger: Ledger, name: string, holder: string, leaseMs: number): Promise<number | null> {
  const [row] = await query<{ epoch: string }>(
    ledger,
    `insert into leaders as l (name, holder, epoch, lease_until)
     values ($1, $2, 1, now() + $3 * interval '1 millisecond')
     on conflict (name) do update
        set lease_until = excluded.lease_until, holder = excluded.holder,
            epoch = l.epoch + case when l.holder = excluded.holder then 0 else 1 end
      where l.holder = excluded.holder or l.lease_until < now()
     returning epoch`,
    [name, holder, leaseMs],
  );
  return row === undefined ? null : Number(row.epoch);
}

export async function stepDown(ledger: Ledger, name: string, holder: string): Promise<void> {
  await query(ledger, `update leaders set lease_until = now() - interval '1 second' where name = $1 and holder = $2`, [
    name,
    holder,
  ]);
}
