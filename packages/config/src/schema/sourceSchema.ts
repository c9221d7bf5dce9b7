import { z } from 'zod';
import { parseTableName } from './tableName.ts';
import { note, text, unbuilt, wrong } from './values.ts';

/** Where documents come from. */
export const sourceSchema = z.strictObject({
  connection: text('name one of `connections`').meta(note({ description: 'The connection that documents come from.' })),
  table: text('give a table such as public.city')
    .refine((name) => parseTableName(name) !== null, {
      error: (issue) =>
        wrong(issue.input, 'is no table name: write schema.table, quoted in "…" where a part has a dot'),
    })
    .optional()
    .meta(
      note({
        description:
          'A table or view, `schema.table`; quote parts that contain dots. Exactly one of `table` and `query`.',
      }),
    ),
  query: text('give a select statement')
    .optional()
    .meta(
      note({
        description:
          'A `select` without a semicolon, whose rows are the documents. Its key columns must be unique and not null.',
        tradeOff:
          'Joins what a table alone does not have; row counts are estimates, and every page runs it again for its range.',
      }),
    ),
  key: z
    .array(text('name a column'), {
      error: (issue) => wrong(issue.input, "give the key columns as a list, such as ['id']"),
    })
    .min(1, { error: () => "is empty: give the key columns, such as ['id']" })
    .max(8, { error: () => 'has more than 8 columns' })
    .meta(
      note({
        description:
          "The columns that name a row: unique, never null, ordered. They make the document's id, and rows are read in their order.",
      }),
    ),
  columns: z
    .array(text('name a column'), {
      error: (issue) => wrong(issue.input, "give columns as a list, such as ['id', 'name']"),
    })
    .min(1, { error: () => 'is empty: leave it out for all columns' })
    .optional()
    .meta(note({ description: 'The columns of a document.', default: 'all' })),
  where: text('give an SQL condition')
    .optional()
    .meta(note({ description: 'An SQL condition on the rows that are indexed.', default: 'all rows' })),
  deleted: text('name a column')
    .optional()
    .meta(
      note({
        description: 'The soft-delete column: a row in which it is neither null nor false is not indexed.',
        default: 'none',
      }),
    ),
  changes: z
    .unknown()
    .refine((value) => value === undefined || value === 'none', {
      error: (issue) =>
        wrong(issue.input, "is not in this version yet: leave it out, or give 'none', and schedule rebuilds"),
    })
    .optional()
    .meta(
      note({
        description:
          'How changes are followed. This version only has `none`: what changes during a rebuild may be missing until the next.',
        default: "'none'",
      }),
    ),
  modified: unbuilt('leave it out, and schedule rebuilds'),
  lag: unbuilt('leave it out'),
  log: unbuilt('leave it out'),
  dependencies: unbuilt('join the other tables in `query`, and schedule rebuilds'),
});
