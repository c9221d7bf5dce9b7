import { type Ledger, query } from '../ledger.ts';

/** The number under which the ledger knows a definition, its newest if it came back; null when no scheduler has applied it. */
export async function definitionNumber(ledger: Ledger, index: string, fingerprint: string): Promise<number | null> {
  const [row] = await query<{ number: number | null }>(
    ledger,
    `select max(number) as number from definitions where index = $1 and fingerprint = $2`,
    [index, fingerprint],
  );
  return row?.number ?? null;
}
