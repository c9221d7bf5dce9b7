import { type Ledger, query, transaction } from '../ledger.ts';
import { settleIdle } from '../run/settleIdle.ts';

/** Ends the pausing or cancelling of runs of which nothing runs any more. @returns those runs. */
export async function settleHanging(ledger: Ledger): Promise<readonly number[]> {
  const rows = await query<{ run: string }>(
    ledger,
    `select r.run from runs r where r.status in ('pausing', 'cancelling')
        and not exists (select 1 from tasks t where t.run = r.run and t.status = 'running')`,
  );
  const settled: number[] = [];
  for (const { run } of rows) {
    const status = await transaction(ledger, async (client) => {
      await client.query(`select 1 from runs where run = $1 for no key update`, [run]);
      return settleIdle(client, Number(run));
    });
    if (status !== null) settled.push(Number(run));
  }
  return settled;
}
