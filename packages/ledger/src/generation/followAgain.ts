import { type Ledger, query } from '../ledger.ts';

/**
 * Lets what is live be followed again that had gone from the sink and is in it again: restored from a copy, say, or the
 * connection led elsewhere for a while. The feed takes a new position for it, and a refresh is owed. @returns whether it had gone
 */
export async function followAgain(
  ledger: Ledger,
  index: string,
  { name, nonce }: { readonly name: string; readonly nonce: string },
): Promise<boolean> {
  const rows = await query(
    ledger,
    `update generations set stale_reason = null
      where index = $1 and name = $2 and nonce = $3 and state = 'live' and stale_reason = 'generation-gone' returning 1`,
    [index, name, nonce],
  );
  return rows.length > 0;
}
