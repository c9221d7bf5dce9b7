import type { GenerationMetadata } from '@reindeer/connectors';
import { ledgerStanding, RefusedError } from '@reindeer/core';
import {
  followAgain,
  GENERATION_STATES,
  ledgerId,
  raiseTickets,
  readGenerations,
  recordRestored,
  supersedeInPlaceRuns,
  swapUnderWay,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { settleSwaps } from '../finish/settleSwaps.ts';

/** What one look alone does not prove: by index, what the look before saw. */
export type LedgerSuspicions = Map<string, string>;

/**
 * Looks whether the ledger went back in time, by what the sink has of an index (rule 17), and if so goes on from there:
 * tickets above every bound, what is live recorded with a refresh owed, all claims void. Two questions to the sink, and one
 * to the ledger after them. A bound alone must be seen twice: whoever raises one tells the sink first. What was live, gone,
 * and is there again is followed again.
 * @returns whether the ledger had gone back
 */
export async function compareLedger(
  context: EngineContext,
  index: OpenIndex,
  suspicions: LedgerSuspicions,
  signal: AbortSignal,
): Promise<boolean> {
  const { ledger } = context;
  const { name } = index.definition;
  const listed = await index.sink.list(name, signal);
  const held = listed.flatMap(({ metadata }) => (metadata === null ? [] : [metadata]));
  if (held.length === 0) return false;
  const live = await index.sink.live(name, signal);
  const seen = live === null ? null : { name: live.generation.name, epoch: live.epoch };
  await followBack(context, name, held, seen);
  const standing = async () =>
    ledgerStanding({
      ledger: await ledgerId(ledger),
      known: (await readGenerations(ledger, name, GENERATION_STATES)).map((row) => ({
        ...row,
        live: row.state === 'live',
      })),
      held: held.map((metadata) => ({ ...metadata, ledger: metadata.ledger ?? null })),
      live: seen,
    });
  let found = await standing();
  if (found.behind === 'swapped') {
    // One that a run left unrecorded is told as that.
    await settleSwaps(context, index, signal);
    found = await standing();
  }
  // A swap between the two looks is seen by another.
  if (found.behind === 'sink' && (await index.sink.live(name, signal))?.epoch !== live?.epoch) return false;
  if (found.behind === null || (found.behind === 'tickets' && isFirstLook(suspicions, name, held))) return false;
  if (found.behind === 'sink')
    // What is live there again was kept current while it soaked, or owes what it lacks.
    return goOnFrom(context, name, { held, live: seen, cause: 'sink-failed-over' }, () =>
      context.observer.event('warn', 'the sink lost a swap: what is live there again is live, and owes a refresh', {
        index: name,
        live: seen?.name,
      }),
    );
  // A swap that is just being recorded proves nothing; tickets would be an hour ahead for it.
  if (found.behind === 'swapped' && seen !== null && (await swapUnderWay(ledger, name, seen.name))) return false;
  const raised = await raiseTickets(ledger, found.floor);
  // Of generations that are still there, forgotten, the bound stays unknown; the tickets are above it by now.
  if (found.behind === 'tickets' && !raised) return false;
  return goOnFrom(context, name, { held, live: seen, cause: 'ledger-restored' }, (tasks) => {
    suspicions.delete(name);
    context.observer.event('warn', 'ledger-restored: the ledger went back in time; it goes on from what the sink has', {
      index: name,
      behind: found.behind,
      live: seen?.name ?? null,
      unknown: found.unknown.filter((one) => one !== seen?.name),
      tasks,
    });
  });
}

/**
 * Records what is live in the sink as that, and lets its tasks go on.
 * @param told called when it is recorded, with the number of tasks that are due again @returns false: a swap is under way
 */
async function goOnFrom(
  context: EngineContext,
  index: string,
  found: Parameters<typeof recordRestored>[2],
  told: (tasks: number) => void,
): Promise<boolean> {
  const restored = await recordRestored(context.ledger, index, found);
  if (restored.kind === 'swap-under-way') return false;
  told(restored.due.length);
  await supersedeInPlaceRuns(context.ledger);
  // What the queue does not take now, the sweep delivers.
  await context.deliver(restored.due).catch(() => {});
  return true;
}

/** What is live and was gone from the sink may be there again. */
async function followBack(
  { ledger, observer }: EngineContext,
  index: string,
  held: readonly GenerationMetadata[],
  live: { readonly name: string } | null,
): Promise<void> {
  const back = held.find(({ name }) => name === live?.name);
  if (back === undefined || !(await followAgain(ledger, index, back))) return;
  const generation = back.name;
  observer.event('warn', 'what is live is in the sink again: it is followed from now on', { index, generation });
}

/**
 * The same for who has found that ledger and sink do not agree on what is live.
 * @throws RefusedError `lost-claim` where they do by now: the claim on the task is void with all others, and it was delivered again
 */
export async function bringUp(
  context: EngineContext,
  index: OpenIndex,
  { run }: { readonly run: number },
  signal: AbortSignal,
): Promise<void> {
  if (!(await compareLedger(context, index, new Map(), signal))) return;
  throw new RefusedError(
    'lost-claim',
    `Ledger and sink did not agree on what is live, because one of them went back in time. They do now, and run ${run} goes on from there.`,
  );
}

function isFirstLook(suspicions: LedgerSuspicions, index: string, held: readonly GenerationMetadata[]): boolean {
  const now = JSON.stringify(held.map(({ name, ticketBound }) => [name, ticketBound]));
  const before = suspicions.get(index);
  suspicions.set(index, now);
  return before !== now;
}
