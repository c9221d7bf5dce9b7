import { z } from 'zod';
import { canarySchema } from './canarySchema.ts';
import { scheduleShape } from './scheduleSchema.ts';
import { duration, note, whole, wrong } from './values.ts';

/** When and how a new generation is built. */
export const rebuildSchema = z.strictObject({
  ...scheduleShape,
  freshFor: duration({ min: '1s' })
    .optional()
    .meta(
      note({
        description:
          'A last completed indexing younger than this makes a tick end as `fresh`; at start, and whenever it is older, a rebuild starts.',
        tradeOff: 'Longer spares the source; shorter bounds how old the index gets without a schedule.',
        default: 'never fresh; at start only a missing index is built',
      }),
    ),
  sliceTarget: duration({ min: '1s', max: '1d' })
    .default(60_000)
    .meta(
      note({
        description: 'How long a slice should take; the number of slices follows from it and the row estimate.',
        tradeOff: 'Shorter spreads better over workers and repeats less after a death; longer has less overhead.',
        default: "'1m'",
      }),
    ),
  slices: whole(1, 4_096)
    .optional()
    .meta(note({ description: 'The number of slices, whatever the estimate says.', default: 'from `sliceTarget`' })),
  maxLag: duration({ min: '1s', max: '1d' })
    .default(10_000)
    .meta(
      note({
        description:
          'A new generation is promoted only if the feed has finished a pass for it that began not longer ago than this.',
        tradeOff: 'Shorter promotes only what is fresher, and waits for a feed that is behind; longer waits less.',
        default: "'10s'",
      }),
    ),
  soak: duration({ max: '30d' })
    .default(3_600_000)
    .meta(
      note({
        description:
          'How long the generation before is kept current after a promotion: until then `reindeer rollback` is one call, with all that was written since.',
        tradeOff: 'Longer can be rolled back for longer; every change is written twice meanwhile.',
        default: "'1h'",
      }),
    ),
  onDefinitionChange: z
    .enum(['rebuild', 'alert'], { error: (issue) => wrong(issue.input, "give 'rebuild' or 'alert'") })
    .default('alert')
    .meta(
      note({
        description:
          'What a scheduler does when the live generation is of another definition: start a rebuild, or only say so.',
        default: "'alert'",
      }),
    ),
  canaries: z
    .array(canarySchema, { error: (issue) => wrong(issue.input, 'give a list of queries') })
    .max(100, { error: () => 'has more than 100 queries' })
    .default([])
    .meta(
      note({ description: 'Queries that a new generation must answer well before it is promoted.', default: '[]' }),
    ),
});
