import { z } from 'zod';
import { scheduleShape } from './scheduleSchema.ts';
import { duration, note, unbuilt, whole } from './values.ts';

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
  maxLag: unbuilt('leave it out'),
  soak: unbuilt('leave it out; the previous generation is kept by retention.generations'),
  onDefinitionChange: unbuilt('leave it out, and start a rebuild with `reindeer run INDEX` after a change'),
  canaries: unbuilt('leave it out'),
});
