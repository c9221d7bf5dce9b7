import type { Key, KeyRange } from '@reindeer/core';
import { quoteIdentifier } from '../postgres/quote.ts';
import type { Layout, LayoutKey } from './layout.ts';

/** The key's columns of a row that goes by `alias`: what is compared and ordered, never their texts. */
export function keyColumns(layout: Layout, alias = layout.alias): string[] {
  return layout.key.map((column) => `${quoteIdentifier(alias)}.${quoteIdentifier(column.name)}`);
}

/** The text of a key's column; `expression` gives its value. A numeric has one text only without its trailing zeros. */
export function keyText(column: LayoutKey, expression: string): string {
  return column.isNumeric ? `trim_scale(${expression})::text` : `${expression}::text`;
}

/** A text as a value of the key's column: of its own type and collation, so that its index serves and the order is its. */
export function asKey({ type, collation }: LayoutKey, expression: string): string {
  return `${expression}::${type}${collation === null ? '' : ` collate ${collation}`}`;
}

/** Conditions for the rows within the range, and the values of their parameters, which count from $1. */
export function rangeCondition(layout: Layout, range: KeyRange): { sql: string; values: string[] } {
  const conditions: string[] = [];
  const values: string[] = [];
  const compare = (operator: string, bound: Key) => {
    if (bound.length !== layout.key.length) {
      throw new TypeError(
        `A key of ${bound.length} values for ${layout.key.length} key columns: ${JSON.stringify(bound)}`,
      );
    }
    const parameters = layout.key.map((column, place) => {
      values.push(bound[place] ?? '');
      return asKey(column, `$${values.length}`);
    });
    conditions.push(`(${keyColumns(layout).join(', ')}) ${operator} (${parameters.join(', ')})`);
  };
  if (range.after !== null) compare('>', range.after);
  if (range.upTo !== null) compare('<=', range.upTo);
  return { sql: conditions.length === 0 ? 'true' : conditions.join(' and '), values };
}
