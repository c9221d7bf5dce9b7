import { cronProblem } from '@reindeer/core';
import { z } from 'zod';
import { duration, note, shown, text, wrong } from './values.ts';

/** When a lane fires by itself. */
export const scheduleShape = {
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

/** A lane that is scheduled shard by shard; only a schedule is to be told of it. */
export const shardLaneSchema = z.strictObject(scheduleShape);
