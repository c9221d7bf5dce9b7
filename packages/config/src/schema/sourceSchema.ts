import { CHANGES_MODES } from '@reindeer/core';
import { z } from 'zod';
import { dependencySchema } from './dependencySchema.ts';
import { logSchema } from './logSchema.ts';
import { parseTableName } from './tableName.ts';
import { duration, note, text, wrong } from './values.ts';

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
    .enum(CHANGES_MODES, { error: (issue) => wrong(issue.input, "give 'log', 'modified-column' or 'none'") })
    .default('none')
    .meta(
      note({
        description:
          'How changes are followed. `log`: triggers write the keys of what changes, and nothing is missed; `reindeer migrate --source` installs them. `modified-column`: rows are found by `modified`; what is deleted outright is found by refreshes alone. `none`: refreshes find everything.',
        tradeOff:
          'A log costs each write of the source about 2 µs a row; a column costs an index on it, and misses deletes.',
        default: "'none'",
      }),
    ),
  modified: text('name a column')
    .optional()
    .meta(
      note({
        description:
          'The column that every write of a row sets to the time: for `modified-column` alone. It only finds rows; it is never a version.',
        default: 'none',
      }),
    ),
  lag: duration({ min: '1s', max: '7d' })
    .default(300_000)
    .meta(
      note({
        description:
          "For `modified-column`, where open transactions cannot be seen: how far behind the clock the column is taken to be complete. A transaction that stays open longer may be missed until the next refresh. Where they are seen, it is how far below the oldest of them, 10 s at most: for stamps of the applications' own clocks.",
        tradeOff: 'Longer misses less, and reads again more; shorter the other way round.',
        default: "'5m'",
      }),
    ),
  log: logSchema.prefault({}),
  dependencies: z
    .array(dependencySchema, { error: (issue) => wrong(issue.input, 'give a list of tables') })
    .default([])
    .meta(
      note({
        description: 'Other tables that documents are made of: their changes are followed too. For `log` alone.',
        default: '[]',
      }),
    ),
});
