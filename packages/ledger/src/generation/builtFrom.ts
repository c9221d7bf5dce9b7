import { type Ledger, query } from '../ledger.ts';

/** The identifier of the source that a generation was built from (rule 16); null: not known. */
export async function builtFrom(ledger: Ledger, generation: number): Promise<string | null> {
  const [row] = await query<{ system: string | null }>(
    ledger,
    `select start_position ->> 'system' as system from generations where generation = $1`,
    [generation],
  );
  return row?.system ?? null;
}
