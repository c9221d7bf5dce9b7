import type { SourceDefinition } from '@reindeer/core';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';

/** Every row of the table or query, with no filter: a subquery in parentheses. */
export function everyRow(definition: SourceDefinition): string {
  return `(select * from ${from(definition)})`;
}

/** The rows that are in the index: `where` holds and they are not deleted. A subquery in parentheses. */
export function liveRows(definition: SourceDefinition, deletedIsBoolean: boolean, samplePercent?: number): string {
  const conditions: string[] = [];
  // On lines of its own: the text may end with a comment.
  if (definition.where !== null) conditions.push(`(\n${definition.where}\n)`);
  if (definition.deleted !== null) {
    const column = quoteIdentifier(definition.deleted);
    conditions.push(deletedIsBoolean ? `${column} is not true` : `${column} is null`);
  }
  const sample = samplePercent === undefined ? '' : ` tablesample system (${samplePercent})`;
  const filter = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return `(select * from ${from(definition)}${sample}${filter})`;
}

/** The table goes by its own name, so that `where` may use it; a query goes by `source`. */
function from(definition: SourceDefinition): string {
  if (definition.table !== null) return quoteRelation(definition.table);
  const query = (definition.query ?? '').replace(/[\s;]+$/, '');
  return `(\n${query}\n) as source`;
}
