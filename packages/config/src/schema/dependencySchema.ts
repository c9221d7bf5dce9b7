import { z } from 'zod';
import { parseTableName } from './tableName.ts';
import { note, text, wrong } from './values.ts';

/** Another table that documents are made of. */
export const dependencySchema = z.strictObject({
  table: text('give a table such as public.country')
    .refine((name) => parseTableName(name) !== null, {
      error: (issue) =>
        wrong(issue.input, 'is no table name: write schema.table, quoted in "…" where a part has a dot'),
    })
    .meta(note({ description: 'The table, `schema.table`.' })),
  key: z
    .array(text('name a column'), {
      error: (issue) => wrong(issue.input, "give the columns as a list, such as ['code']"),
    })
    .min(1, { error: () => "is empty: give the columns, such as ['code']" })
    .max(8, { error: () => 'has more than 8 columns' })
    .meta(
      note({
        description:
          'The columns that `keys` is asked by: those of a primary key, or of a foreign key that leads to the documents. The values before and after a change are logged.',
      }),
    ),
  keys: text('give a select statement').meta(
    note({
      description:
        "A `select` of the index's keys that one row touches; `$1`, `$2`… are the values of `key`, as text where no type is written.",
    }),
  ),
});
