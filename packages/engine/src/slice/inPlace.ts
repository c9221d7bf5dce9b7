import { addTally, EMPTY_TALLY, followsSource, RefusedError, type Tally, UnavailableError } from '@reindeer/core';
import { type ClaimedTask, ledgerTime } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { ticketDrawer } from '../tickets.ts';
import type { Refusal } from '../transform/prepare.ts';
import { awaitPass, type PassAwaited } from './awaitPass.ts';
import type { BatchResult } from './checkpointer.ts';
import { withFingerprint } from './documentFailures.ts';
import { type Looking, lookAgain, type Suspect } from './lookAgain.ts';
import { repair } from './repair.ts';
import { addSights, type FirstLook, NOTHING_SEEN, type Seen, tallyOf } from './seen.ts';
import { stillThere } from './stillThere.ts';
import { withoutRefused } from './withoutRefused.ts';

/** Suspects whose rows are read at once: they come with their contents. */
const LOOK_AT = 500;
/** A pass that takes longer is not waited for. */
const LONGEST_WAIT_MS = 30_000;

/** Comparing a generation with its source in place: a refresh repairs what differs, a verify only tells. */
export interface InPlace {
  readonly looking: Looking;
  readonly repairs: boolean;
  /** Ends a batch: the second look, and the repairs. */
  settle(
    first: FirstLook,
    cursor: BatchResult['cursor'],
    onBusy: () => void,
    signal: AbortSignal,
  ): Promise<BatchResult>;
}

/** @param requestTimeoutMs a batch without progress for this long is given up */
export function inPlace(
  context: EngineContext,
  index: OpenIndex,
  task: ClaimedTask,
  requestTimeoutMs: number,
  signal: AbortSignal,
): InPlace {
  const { generation } = task;
  if (generation === null) throw new RefusedError('generation-gone', `Run ${task.run} has no generation.`);
  const repairs = task.lane === 'refresh';
  const { definition } = index;
  const followed = followsSource(definition);
  const looking: Looking = {
    source: index.source,
    sink: index.sink,
    generation: { index: task.index, name: generation.name },
    transform: definition.transform,
    deep: task.options.deep,
    shard: task.shard,
    stampShard: generation.adopted ? null : task.shard,
    range: { after: task.after, upTo: task.upTo },
    // What is not written needs no version.
    ticket: repairs ? ticketDrawer(context.ledger, index.sink, task, signal) : () => Promise.resolve(0),
  };

  /** Whoever follows changes may be about to write what looks different: looked for again once it has (rule 18). */
  async function afterPass(aborted: AbortSignal): Promise<PassAwaited> {
    const since = await ledgerTime(context.ledger);
    const limitMs = Math.min(LONGEST_WAIT_MS, requestTimeoutMs / 2);
    const pass = await awaitPass(context.ledger, { generation: generation?.id ?? 0, since, limitMs }, aborted);
    if (pass.kind === 'unproven' && task.lane !== 'rebuild') {
      const message = 'differences are counted without a pass of the feed, which is stopped or late';
      context.observer.event('warn', message, { run: task.run, index: task.index, why: pass.why });
    }
    return pass;
  }

  return {
    looking,
    repairs,
    async settle(first, cursor, onBusy, aborted) {
      let seen: Seen = NOTHING_SEEN;
      let { suspects } = first;
      let proven: ReadonlyMap<string, number | null> | null = null;
      let waitedMs = 0;
      if (followed && suspects.length > 0) {
        const different = new Map<string, number | null>();
        for (const some of chunks(suspects)) {
          const sights = await lookAgain(looking, some, aborted);
          const found = sights.filter((sight) => sight.kind === 'different');
          for (const { operation, held } of found) different.set(operation.id, held);
          seen = addSights(
            seen,
            sights.filter(({ kind }) => kind !== 'different'),
          );
        }
        suspects = suspects.filter(({ id }) => different.has(id));
        if (suspects.length > 0) {
          const pass = await afterPass(aborted);
          waitedMs = pass.waitedMs;
          // A verify says what it saw. A rebuild would be refused, and all its work lost, for what is about to be written.
          if (task.lane === 'rebuild') requireProof(pass, suspects.length);
          if (pass.kind === 'passed') proven = different;
        }
      }
      let tally: Tally = EMPTY_TALLY;
      let bytes = 0;
      const refusals: Refusal[] = [];
      for (const some of chunks(suspects)) {
        const again = await lookAgain(looking, some, aborted);
        const looked = proven === null ? again : stillThere(again, proven);
        const sights = task.lane === 'rebuild' ? await withoutRefused(context.ledger, task.run, looked) : looked;
        seen = addSights(seen, sights);
        if (!repairs) continue;
        const found = sights.filter((sight) => sight.kind === 'different');
        const repaired = await repair(context, index, looking, found, { onBusy, signal: aborted });
        tally = addTally(tally, repaired.tally);
        refusals.push(...repaired.refusals);
        bytes += repaired.bytes;
      }
      const counted = {
        cursor,
        // What was only read is not sent to the sink.
        bytes,
        waitedMs,
        differences: seen.differences,
        examples: seen.examples,
      };
      // Its rows were counted when they were written, and so were those that were refused.
      if (task.lane === 'rebuild') return { ...counted, tally: EMPTY_TALLY, failures: [] };
      const failures = [...first.refusals, ...seen.refusals, ...refusals].map(withFingerprint);
      return { ...counted, tally: tallyOf(first, seen, tally, failures.length), failures };
    },
  };
}

/** @throws UnavailableError for which the slice waits, and compares again what is not done yet. */
function requireProof(pass: PassAwaited, suspects: number): void {
  const what = `${suspects} documents are not what their rows say now`;
  if (pass.kind === 'unproven') {
    throw new UnavailableError(
      'not-caught-up',
      `${what}, and the feed, which may be about to write them, has finished no pass since. They are compared again when it has.`,
    );
  }
  // Of a TRUNCATE no pass knows the keys.
  if (pass.owed) {
    throw new UnavailableError(
      'refresh-owed',
      `${what}, and a refresh of the new generation is owed, which may be about to repair them. They are compared again after it.`,
    );
  }
}

function* chunks(suspects: readonly Suspect[]): Generator<readonly Suspect[], void, undefined> {
  for (let from = 0; from < suspects.length; from += LOOK_AT) yield suspects.slice(from, from + LOOK_AT);
}
