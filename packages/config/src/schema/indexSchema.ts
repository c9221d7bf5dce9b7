import { z } from 'zod';
import { rebuildSchema } from './rebuildSchema.ts';
import { shardLaneSchema } from './scheduleSchema.ts';
import { sourceSchema } from './sourceSchema.ts';
import { duration, note, text, whole, wrong } from './values.ts';

/** One index. */
export const indexSchema = z.strictObject({
  source: sourceSchema.meta(note({ description: 'Where the documents come from.' })),
  sink: z.strictObject({
    connection: text('name one of `connections`').meta(note({ description: 'The connection that documents go to.' })),
    mappings: z
      .record(z.string(), z.unknown())
      .default({})
      .meta(
        note({
          description:
            'PostgreSQL: `text` (the fields that are searched; all strings by default), `weights`, `language` (a text search configuration). OpenSearch and Elasticsearch: the mappings of an index as the engine has them (`properties`, `dynamic`, …); the field `_reindeer` is added.',
          default: '{}',
        }),
      ),
    settings: z
      .record(z.string(), z.unknown())
      .default({})
      .meta(
        note({
          description:
            'PostgreSQL: `schema`, where the tables and the view are. OpenSearch and Elasticsearch: the settings of an index as the engine has them; `refresh_interval` and the replicas are set aside while a generation is built.',
          default: '{}',
        }),
      ),
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
          'Makes a document of a row; null leaves the row out of the index. A function, or the path of a module. A number whose digits JavaScript would lose (`10.50`, 2^53 + 1) is a `Number` object that keeps them: reckon with it as it is, compare with `===` after `Number(…)`.',
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
  rebuild: rebuildSchema.prefault({}).meta(note({ description: 'Builds a new generation and swaps it in.' })),
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
  refresh: shardLaneSchema.prefault({}).meta(
    note({
      description:
        'Compares each shard of the live generation with the source, and repairs what differs; each shard by a schedule of its own, staggered.',
      tradeOff: 'More often finds changes sooner, and reads the whole source as often.',
    }),
  ),
  verify: shardLaneSchema.prefault({}).meta(
    note({
      description: 'The same, only reporting: nothing is written.',
      tradeOff: 'Costs as much reading as a refresh.',
    }),
  ),
  incremental: z
    .strictObject({
      every: duration({ min: '10ms', max: '1m' })
        .optional()
        .meta(
          note({
            description:
              'The pause after a pass of the feed that found nothing; after one that did, the next follows at once.',
            tradeOff: 'Shorter sees a first change sooner; each pass costs the source and the ledger a few statements.',
            default: "'500ms'",
          }),
        ),
    })
    .optional()
    .meta(
      note({
        description:
          'The feed: follows what changes, and writes it to every generation that is kept current. It runs wherever `source.changes` is not `none`; with `none` it follows requested keys alone (`POST …/changes`).',
        default: 'where changes are followed',
      }),
    ),
});
