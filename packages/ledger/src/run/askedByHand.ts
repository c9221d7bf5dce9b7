import { type Ledger, query } from '../ledger.ts';

/** Whether a person asked for a run. What the system starts by itself may do less. */
export async function askedByHand(ledger: Ledger, run: number): Promise<boolean> {
  const [row] = await query<{ manual: boolean }>(
    ledger,
    `select trigger = 'manual' as manual from runs where run = $1`,
    [run],
  );
  return row?.manual ?? false;
}
