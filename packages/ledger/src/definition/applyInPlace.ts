import { type Ledger, query, transaction } from '../ledger.ts';

/**
 * Lets the live generation be of the newest definition from now on (rule 12), and owes a refresh on every shard of it in
 * the same transaction: its documents are those of the one before until then. @returns false when it is so already
 */
export async function applyInPlace(ledger: Ledger, index: string, definition: number): Promise<boolean> {
  return transaction(ledger, async (client) => {
    await client.query(`select 1 from indexes where index = $1 for share`, [index]);
    const [row] = await query<{ generation: string }>(
      client,
      `update generations set definition = $2
        where index = $1 and state = 'live' and definition <> $2
          and $2 = (select max(number) from definitions where index = $1) returning generation`,
      [index, definition],
    );
    if (row === undefined) return false;
    await client.query(`select owe_refresh($1, 'definition-changed')`, [row.generation]);
    return true;
  });
}
