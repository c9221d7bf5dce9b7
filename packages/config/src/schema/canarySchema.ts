import { z } from 'zod';
import { note, text, whole, wrong } from './values.ts';

/** A query that a new generation must answer well. */
export const canarySchema = z.strictObject({
  query: z
    .union([z.string().min(1), z.record(z.string(), z.unknown())], {
      error: (issue) => wrong(issue.input, 'give a text to search for, or a query of the search engine'),
    })
    .meta(
      note({
        description:
          'A text for a full-text search; of OpenSearch and Elasticsearch also the `query` of a search, as the engine has it.',
      }),
    ),
  minHits: whole(0, 1_000_000_000)
    .default(1)
    .meta(note({ description: 'Fewer hits than this refuse the promotion.', default: '1' })),
  ids: z
    .array(text('give an id'), { error: (issue) => wrong(issue.input, "give ids as a list, such as ['42']") })
    .max(100, { error: () => 'has more than 100 ids' })
    .default([])
    .meta(note({ description: 'Ids that must be among the first 100 hits.', default: '[]' })),
});
