import { type Ledger, query } from '../ledger.ts';

/** The timeline of its source that a generation was kept current from last (rule 16); 0: not known, or not followed. */
export async function seenTimeline(ledger: Ledger, generation: number): Promise<number> {
  const [row] = await query<{ timeline: number | null }>(
    ledger,
    `select (position ->> 'timeline')::float8 as timeline from consumers where generation = $1 and log = 'source'`,
    [generation],
  );
  return row?.timeline ?? 0;
}
