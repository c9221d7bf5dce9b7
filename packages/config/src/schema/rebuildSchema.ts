import { cronProblem } from '@reindeer/core';
import { z } from 'zod';
import { duration, note, shown, text, unbuilt, whole, wrong } from './values.ts';

const schedule = {
  every: duration({ min: '1s', max: '365d' })
    .optional()
    .meta(note({ description: 'Fires at this interval, staggered by name.', default: 'not scheduled' })),
  cron: text("give a cron expression such as '0 3 * * 0'")
    .superRefine((cron, context) => {
      const problem = cronProblem(cron, 'UTC', Date.now());
      if (problem === null) return;
      context.addIssue(
        `${shown(cron)} is no cron expression (${problem}): write minute, hour, day of month, month and day of week, such as '0 3 * * 0'`,
      );
    })
    .optional()
    .meta(
      note({
        description: 'Fires by a cron expression of five or six fields. With `every` too, cron wins.',
        default: 'not scheduled',
      }),
    ),
  timezone: text("give a time zone such as 'Europe/Berlin'")
    .refine((timezone) => cronProblem('0 0 * * *', timezone, Date.now()) === null, {
      error: (issue) => wrong(issue.input, "is no time zone: give one such as 'Europe/Berlin'"),
    })
    .optional()
    .meta(note({ description: 'The time zone of `cron`.', default: "'UTC'" })),
};

/** When and how a new generation is built. */
export const rebuildSchema = z.strictObject({
  ...schedule,
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
  maxLag: unbuilt('leave it out'),
  soak: unbuilt('leave it out; the previous generation is kept by retention.generations'),
  onDefinitionChange: unbuilt('leave it out, and start a rebuild with `reindeer run INDEX` after a change'),
  canaries: unbuilt('leave it out'),
});
