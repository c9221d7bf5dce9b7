import { type Ledger, query } from '../ledger.ts';
import { storableText } from '../storableText.ts';

/** Of these documents those that were refused in a run. */
export async function refusedDocuments(
  ledger: Ledger,
  run: number,
  documents: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ document: string }>(
    ledger,
    `select document from failures where run = $1 and document = any ($2::text[])`,
    [run, documents.map(storableText)],
  );
  const refused = new Set(rows.map(({ document }) => document));
  return new Set(documents.filter((document) => refused.has(storableText(document))));
}
