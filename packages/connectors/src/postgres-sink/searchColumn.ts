import { quoteLiteral } from './names.ts';
import type { SearchField } from './settings.ts';

/**
 * The expression of a generation's `search` column. It is a generated column, so that the table itself says how it is
 * searched: a writer that still has another definition computes the same text as everyone else.
 * @param language as the server names it, schema included
 */
export function searchExpression(language: string, fields: readonly SearchField[] | null): string {
  const config = `${quoteLiteral(language)}::pg_catalog.regconfig`;
  if (fields === null) return `pg_catalog.jsonb_to_tsvector(${config}, body, '["string"]')`;
  return fields
    .map(({ path, weight }) => {
      const value = path.reduce((from, step) => `(${from} -> ${quoteLiteral(step)})`, 'body');
      // Numbers too: who names a field wants to find it by what it shows, a postcode for instance.
      const vector = `pg_catalog.jsonb_to_tsvector(${config}, ${value}, '["string", "numeric"]')`;
      return `coalesce(pg_catalog.setweight(${vector}, '${weight}'), '')`;
    })
    .join(' || ');
}
