import { quoteIdentifier } from '../postgres/quote.ts';
import type { SourceContext } from './context.ts';
import type { Layout } from './layout.ts';
import { liveRows } from './relation.ts';

/** A row that is in the index, and the record that its document and its fingerprint are made of, as SQL. */
export interface RowDocument {
  /** What stands after `from` or `join`: the rows under the layout's alias. */
  readonly rows: string;
  /** What stands after the join's condition; '' where the row itself is the record. */
  readonly record: string;
  readonly json: string;
  hash(seed: string): string;
}

export function rowDocument(context: SourceContext, layout: Layout): RowDocument {
  const row = quoteIdentifier(layout.alias);
  const chosen = chosenColumns(context, layout);
  const document = chosen === null ? row : quoteIdentifier(`${layout.alias}_`);
  return {
    rows: `${liveRows(context.definition, layout.deletedIsBoolean)} as ${row}`,
    record:
      chosen === null
        ? ''
        : ` cross join lateral (select ${chosen.map((name) => `${row}.${quoteIdentifier(name)}`).join(', ')}) as ${document}`,
    json: `row_to_json(${document})::text`,
    hash: (seed) => `hashtextextended(${document}::text collate "C", ${seed})`,
  };
}

/** null: all columns, also those added later. The key's columns come along in any case: a transform may need them. */
function chosenColumns(context: SourceContext, layout: Layout): readonly string[] | null {
  const { columns } = context.definition;
  if (columns === null) return null;
  return [...new Set([...layout.key.map((column) => column.name), ...columns])];
}
