import { cronProblem } from '@reindeer/core';
import { z } from 'zod';
import { parseTableName } from './tableName.ts';
import { duration, type KeyNotes, shown, size, text, unbuilt, url, whole, wrong } from './values.ts';

const note = (notes: KeyNotes) => notes as KeyNotes & Record<string, unknown>;

const INDEX_NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;

const source = z.strictObject({
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

const rebuild = z.strictObject({
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

const index = z.strictObject({
  source: source.meta(note({ description: 'Where the documents come from.' })),
  sink: z.strictObject({
    connection: text('name one of `connections`').meta(note({ description: 'The connection that documents go to.' })),
    mappings: z
      .record(z.string(), z.unknown())
      .default({})
      .meta(
        note({
          description:
            'PostgreSQL: `text` (the fields that are searched; all strings by default), `weights`, `language` (a text search configuration).',
          default: '{}',
        }),
      ),
    settings: z
      .record(z.string(), z.unknown())
      .default({})
      .meta(note({ description: 'PostgreSQL: `schema`, where the tables and the view are.', default: '{}' })),
  }),
  transform: z
    .union(
      [z.custom<(row: Record<string, unknown>) => unknown>((value) => typeof value === 'function'), z.string().min(1)],
      {
        error: (issue) => wrong(issue.input, "give a function, or a module's path whose default export is one"),
      },
    )
    .optional()
    .meta(
      note({
        description:
          'Makes a document of a row; null leaves the row out of the index. A function, or the path of a module.',
        default: 'the row as it is',
      }),
    ),
  revision: text("give a text such as '7'")
    .optional()
    .meta(
      note({
        description: 'Raise it when a transform changes in what it imports: it is part of the definition.',
        default: 'none',
      }),
    ),
  shards: whole(1, 1_024)
    .default(1)
    .meta(
      note({
        description: "Key ranges that are scheduled one by one; not the engine's shards.",
        tradeOff: 'More makes each repair smaller and more often; fewer makes fewer schedules.',
        default: '1',
      }),
    ),
  rebuild: rebuild.prefault({}).meta(note({ description: 'Builds a new generation and swaps it in.' })),
  errors: z
    .strictObject({
      maxFailed: whole(0, 1_000_000_000)
        .default(100)
        .meta(
          note({
            description: 'More refused documents than this end the run, and nothing is promoted.',
            tradeOff: 'More tolerates dirty data; fewer notices it.',
            default: '100',
          }),
        ),
      maxFailedShare: z
        .number({ error: (issue) => wrong(issue.input, 'give a share from 0 to 1') })
        .min(0, { error: (issue) => wrong(issue.input, 'give a share from 0 to 1') })
        .max(1, { error: (issue) => wrong(issue.input, 'give a share from 0 to 1') })
        .default(0.001)
        .meta(
          note({
            description: 'A larger share of refused documents than this refuses the promotion.',
            default: '0.001',
          }),
        ),
    })
    .prefault({}),
  refresh: unbuilt('leave it out, and schedule rebuilds'),
  verify: unbuilt('leave it out'),
  incremental: unbuilt('leave it out, and schedule rebuilds'),
});

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
  connections: z.record(
    z.string(),
    z.strictObject({
      kind: z
        .unknown()
        .refine((kind) => kind === 'postgres', {
          error: (issue) =>
            issue.input === 'opensearch'
              ? '"opensearch" is not in this version yet: use a postgres connection as the sink'
              : wrong(issue.input, "is no kind: this version has 'postgres'"),
        })
        .meta(note({ description: 'The kind of server: `postgres`.' })),
      url: url(/^postgres(ql)?:\/\//, 'is no url of PostgreSQL: give postgres://…').meta(
        note({ description: 'postgres://…', default: 'none: only `dev` and `demo` start one' }),
      ),
    }),
    { error: (issue) => wrong(issue.input, 'give the servers by name') },
  ),
  indexes: z.record(
    z.string().regex(INDEX_NAME, {
      error: () =>
        'is no index name: up to 40 lower-case letters, digits, `_` and `-`, beginning with a letter or digit, because sinks and queues are named after it',
    }),
    index,
    { error: (issue) => wrong(issue.input, 'give the indexes by name') },
  ),
  worker: z
    .strictObject({
      concurrency: whole(1, 256)
        .default(4)
        .meta(
          note({
            description:
              'Tasks that one worker process works on at once, and batches it has in transform and write at once.',
            tradeOff: 'More uses more connections and memory; fewer leaves servers idle.',
            default: '4',
          }),
        ),
      lease: duration({ min: '1s', max: '10m' })
        .default(15_000)
        .meta(
          note({
            description: 'How long a process is taken to be alive after its last sign.',
            tradeOff: 'Shorter takes over sooner after a death; longer outlives longer stalls of the ledger.',
            default: "'15s'",
          }),
        ),
      batchTimeout: duration({ min: '1s', max: '1d' })
        .default(120_000)
        .meta(
          note({
            description: 'A slice without progress for this long is handed back.',
            tradeOff: 'Shorter frees a stuck slot sooner; longer suffers slower batches.',
            default: "'2m'",
          }),
        ),
      turn: duration({ min: '1s', max: '1d' })
        .default(300_000)
        .meta(
          note({
            description: 'A slice is handed back after this long, so that nothing hogs a slot.',
            tradeOff: 'Shorter is fairer between indexes; longer has fewer hand-overs.',
            default: "'5m'",
          }),
        ),
      drainTimeout: duration({ min: '1s', max: '1h' })
        .default(25_000)
        .meta(
          note({
            description: 'How long a stopping worker waits for what is under way.',
            tradeOff: 'Must be shorter than what the platform grants before it kills.',
            default: "'25s'",
          }),
        ),
      maxAttempts: whole(1, 100)
        .default(8)
        .meta(
          note({
            description: 'Failures of a task, without progress in between, after which its run fails.',
            tradeOff: 'More outlives longer outages; fewer tells sooner.',
            default: '8',
          }),
        ),
      batch: z
        .strictObject({
          maxDocuments: whole(1, 100_000)
            .default(2_000)
            .meta(note({ description: 'Documents in a batch at most.', default: '2000' })),
          maxBytes: size()
            .default(5_000_000)
            .meta(
              note({
                description: 'Bytes of rows in a batch at most; one larger row is a batch of its own.',
                tradeOff: 'Memory of a worker is about concurrency × inFlight × this × 3.',
                default: "'5MB'",
              }),
            ),
          inFlight: whole(1, 64)
            .default(3)
            .meta(
              note({
                description: 'Batches of one slice under way at once.',
                tradeOff: 'More hides a slow sink; a death repeats up to so many.',
                default: '3',
              }),
            ),
          target: duration({ min: '10ms', max: '10m' })
            .default(300)
            .meta(
              note({
                description: 'What a batch should take; its size follows, within the maximum.',
                tradeOff: 'Shorter reacts sooner to a busy sink; longer has less overhead.',
                default: "'300ms'",
              }),
            ),
        })
        .prefault({}),
    })
    .prefault({}),
  scheduler: z
    .strictObject({
      sweep: duration({ min: '100ms', max: '1h' })
        .default(5_000)
        .meta(
          note({
            description: 'How often the leading scheduler looks for dead owners, lost deliveries and what else hangs.',
            tradeOff: 'Shorter notices sooner, and asks ledger and queue more often.',
            default: "'5s'",
          }),
        ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      runs: duration({ min: '1h' })
        .default(90 * 86_400_000)
        .meta(note({ description: 'How long ended runs and decisions are kept.', default: "'90d'" })),
      generations: whole(1, 100)
        .default(2)
        .meta(
          note({
            description: 'Generations kept, the live one counted.',
            tradeOff: 'More takes their size again in the sink each; 1 leaves nothing to go back to.',
            default: '2',
          }),
        ),
      failures: duration({ min: '1h' })
        .default(30 * 86_400_000)
        .meta(note({ description: 'How long refused documents are kept.', default: "'30d'" })),
    })
    .prefault({}),
  dashboard: z
    .strictObject({
      host: text('give a host')
        .default('127.0.0.1')
        .meta(note({ description: 'The address the dashboard listens on.', default: "'127.0.0.1'" })),
      port: whole(0, 65_535)
        .default(3_000)
        .meta(note({ description: 'Its port; 0: any.', default: '3000' })),
      users: z
        .array(
          z.strictObject({
            name: text('give a name').meta(note({ description: 'The name to sign in with.' })),
            password: z
              .string({ error: () => 'is no text: give a password' })
              .min(8, { error: () => 'is shorter than 8 characters: give a longer one' })
              .meta(note({ description: 'The password, best taken from the environment.' })),
            role: z
              .enum(['viewer', 'operator'], {
                error: (issue) => wrong(issue.input, 'is no role: give viewer or operator'),
              })
              .meta(note({ description: '`viewer` looks, `operator` also acts.' })),
          }),
        )
        .default([])
        .meta(note({ description: 'Who may sign in.', default: 'nobody: a one-time link is printed at start' })),
      metricsToken: z
        .string({ error: () => 'is no text: give a token in quotes, or leave it out' })
        .default('')
        .meta(note({ description: 'The bearer token that `/metrics` asks for.', default: 'none' })),
      session: duration({ min: '1m', max: '365d' })
        .default(12 * 3_600_000)
        .meta(note({ description: 'How long a sign-in lasts after its last use.', default: "'12h'" })),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      host: text('give a host')
        .default('0.0.0.0')
        .meta(
          note({
            description: 'The address of `/metrics`, `/healthz` and `/readyz` of workers and schedulers.',
            default: "'0.0.0.0'",
          }),
        ),
      port: whole(0, 65_535)
        .default(9_464)
        .meta(note({ description: 'Its port; 0: any.', default: '9464' })),
    })
    .prefault({}),
});

/** A configuration as a user writes it. */
export type Config = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;
