import { z } from 'zod';
import { duration, note, size, whole } from './values.ts';

/** Worker processes. */
export const workerSchema = z
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
  .prefault({});

/** Scheduler processes. */
export const schedulerSchema = z
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
  .prefault({});

/** How long things are kept. */
export const retentionSchema = z
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
  .prefault({});
