import { sqlState } from '../postgres/failure.ts';
import { quoteRelation } from '../postgres/quote.ts';
import type { Session } from './session.ts';

/** A generation's table of an older version does not say when a document was deleted. */
export function isMissingColumn(error: unknown): boolean {
  return sqlState(error) === '42703';
}

/** Gives such a table the column; the catalog alone is written. */
export async function ensureTombstoneAge(session: Session, schema: string, name: string): Promise<void> {
  const [there] = await session.query<{ there: boolean }>(
    `select count(*) > 0 as there from pg_catalog.pg_attribute
      where attrelid = $1::regclass and attname = 'deleted_at' and not attisdropped`,
    [quoteRelation({ schema, name })],
  );
  if (there?.there === true) return;
  await session.query(`alter table ${quoteRelation({ schema, name })} add column if not exists deleted_at timestamptz`);
}
