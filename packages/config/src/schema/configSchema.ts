import { z } from 'zod';
import { connectionSchema } from './connectionSchema.ts';
import { dashboardSchema, telemetrySchema } from './dashboardSchemas.ts';
import { indexSchema } from './indexSchema.ts';
import { retentionSchema, schedulerSchema, workerSchema } from './processSchemas.ts';
import { note, text, url, wrong } from './values.ts';

const INDEX_NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

/** The whole configuration: one schema is shape, defaults, messages and documentation at once. */
export const configSchema = z.strictObject({
  ledger: z
    .strictObject({
      url: url(/^postgres(ql)?:\/\//, 'is no url of PostgreSQL: give postgres://…').meta(
        note({ description: 'postgres://… of the ledger.', default: 'none: only `dev` and `demo` start one' }),
      ),
      schema: text('name a schema')
        .default('reindeer')
        .meta(
          note({
            description: 'The schema of the ledger; several deployments may share a database.',
            default: "'reindeer'",
          }),
        ),
    })
    .prefault({}),
  queue: z
    .strictObject({
      url: url(/^(rediss?|postgres(ql)?):\/\//, 'is no queue url: give redis://…, rediss://… or postgres://…').meta(
        note({
          description: "redis://…, rediss://…, or postgres://… for BullMQ's own PostgreSQL backend.",
          default: 'none: only `dev` and `demo` start one',
        }),
      ),
      prefix: text('give a short name')
        .regex(/^[A-Za-z0-9{}_-]{1,40}$/, {
          error: (issue) =>
            wrong(
              issue.input,
              'is no prefix: up to 40 letters, digits, `_`, `-`; braces for a hash tag in a Redis cluster',
            ),
        })
        .default('reindeer')
        .meta(
          note({
            description: 'Begins every key of the queue; deployments that share a server need different ones.',
            default: "'reindeer'",
          }),
        ),
    })
    .prefault({}),
  connections: z.record(z.string(), connectionSchema, {
    error: (issue) => wrong(issue.input, 'give the servers by name'),
  }),
  indexes: z.record(
    z.string().regex(INDEX_NAME, {
      error: () =>
        'is no index name: up to 40 lower-case letters, digits, `_` and `-`, beginning with a letter or digit, because sinks and queues are named after it',
    }),
    indexSchema,
    { error: (issue) => wrong(issue.input, 'give the indexes by name') },
  ),
  worker: workerSchema,
  scheduler: schedulerSchema,
  retention: retentionSchema,
  dashboard: dashboardSchema,
  telemetry: telemetrySchema,
});

/** A configuration as a user writes it. */
export type Config = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;
