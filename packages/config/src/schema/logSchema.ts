import { z } from 'zod';
import { duration, note, size, text, whole } from './values.ts';

/** The log of changes, and how far a consumer may fall behind before it is given up (rule 7). */
export const logSchema = z.strictObject({
  schema: text('name a schema')
    .default('reindeer_log')
    .meta(
      note({
        description:
          'The schema of the source that the log is in. One log serves all indexes of a deployment; two deployments on one database need a schema each.',
        default: "'reindeer_log'",
      }),
    ),
  maxRows: whole(1_000, 10_000_000_000)
    .default(100_000_000)
    .meta(
      note({
        description:
          'More unread rows than this, and the generation that left them unread is given up: a live one goes on from now and is refreshed, one that is built fails with `changes-pruned`.',
        tradeOff: 'More survives a longer outage of sink or workers; fewer bounds what the source stores.',
        default: '100000000',
      }),
    ),
  maxBytes: size()
    .default(20_000_000_000)
    .meta(note({ description: 'The same of the bytes that the log takes in the source.', default: "'20GB'" })),
  maxAge: duration({ min: '1m', max: '365d' })
    .default(604_800_000)
    .meta(note({ description: 'The same of the time since the last finished pass.', default: "'7d'" })),
});
