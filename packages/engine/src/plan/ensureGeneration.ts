import type { GenerationInfo, GenerationMetadata } from '@reindeer/connectors';
import { RefusedError } from '@reindeer/core';
import {
  adoptGeneration,
  type ClaimedTask,
  createGeneration,
  GENERATION_STATES,
  type GenerationRow,
  ledgerId,
  noteTicketBound,
  raiseTickets,
  readGenerations,
  registerConsumer,
  setStartPosition,
} from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { RESERVE_MICROSECONDS } from '../tickets.ts';

/**
 * The generation in the ledger, then in the sink, under the same name. Its number lies above every one that the sink
 * still holds, so a ledger that went back does not take a name that is taken.
 * @param system the source's identity, kept with it (rule 16)
 */
export async function ensureGeneration(
  context: EngineContext,
  index: OpenIndex,
  plan: ClaimedTask,
  system: string,
  signal: AbortSignal,
): Promise<GenerationRow> {
  const held = await index.sink.list(plan.index, signal);
  refuseTakenName(index, plan, held);
  const known = held.flatMap((info) => (info.metadata === null ? [] : [info.metadata]));
  const others = known.filter((metadata) => metadata.nonce !== plan.nonce);
  await goOnAbove(context, others);
  await adoptLive(context, index, others, signal);
  const generation = await createGeneration(context.ledger, plan, 1 + Math.max(0, ...others.map((m) => m.number)));
  const ticketBound = Math.max(generation.ticketBound, Date.now() * 1000 + RESERVE_MICROSECONDS);
  const { index: name, nonce } = plan;
  const { number, definition } = generation;
  const { fingerprint } = index.definition;
  const ledger = await ledgerId(context.ledger);
  await index.sink.createGeneration(
    { index: name, name: generation.name, nonce, number, definition, ticketBound, fingerprint, system, ledger },
    signal,
  );
  await noteTicketBound(context.ledger, generation.id, ticketBound);
  await takeStart(context, index, plan, generation.id, signal);
  return generation;
}

/**
 * Where the generation starts, before anything of it is read: registered as a consumer first, so that nothing is pruned
 * past the position that is taken then (rule 7).
 */
async function takeStart(
  { ledger }: EngineContext,
  index: OpenIndex,
  plan: ClaimedTask,
  generation: number,
  signal: AbortSignal,
): Promise<void> {
  if (index.definition.incremental !== null)
    await registerConsumer(ledger, plan, generation, { ...(await index.source.position(signal)) });
  await setStartPosition(ledger, plan, generation, { ...(await index.source.position(signal)) });
}

/** Told before anything is built: the swap would be refused at the end. */
function refuseTakenName(index: OpenIndex, plan: ClaimedTask, held: readonly GenerationInfo[]): void {
  // Its own name, or one that it was given: an alias.
  const stranger = held.find((info) => info.metadata === null && (info.name === plan.index || info.live));
  if (stranger === undefined) return;
  const { adopts } = index.sink.capabilities;
  if (adopts && plan.options.adopt) return;
  const remedy = adopts
    ? `\`reindeer run ${plan.index} --adopt\` ${stranger.name === plan.index ? 'removes it' : 'takes the alias from it'} in the very step in which the new index takes its name; or rename it, or give the index another name.`
    : 'Drop or rename it, or give the index another name.';
  throw new RefusedError(
    'name-taken',
    `The sink has an index or table ${stranger.name === plan.index ? 'named' : `${stranger.name} with the alias`} ${plan.index} that is not Reindeer's. ${remedy}`,
  );
}

/**
 * Where the sink carries a ticket bound that this ledger does not remember, the ledger went back: tickets start above
 * it (rule 2). Bounds that it remembers need nothing; raising to them would push tickets ahead an hour a rebuild.
 */
async function goOnAbove(context: EngineContext, held: readonly GenerationMetadata[]): Promise<void> {
  const [index] = held.map((metadata) => metadata.index);
  if (index === undefined) return;
  const remembered = await readGenerations(context.ledger, index, GENERATION_STATES);
  const forgotten = held.filter((metadata) => {
    const row = remembered.find((one) => one.name === metadata.name && one.nonce === metadata.nonce);
    return row === undefined || row.ticketBound < metadata.ticketBound;
  });
  if (forgotten.length === 0) return;
  const floor = Math.max(...forgotten.map((metadata) => metadata.ticketBound));
  if (!(await raiseTickets(context.ledger, floor))) return;
  context.observer.event(
    'warn',
    'the sink knows tickets that the ledger does not: it was restored; tickets go on above them',
    {
      index,
      generations: forgotten.map((metadata) => metadata.name),
    },
  );
}

/** The live generation of a ledger that was lost: the swap then expects it, and it is retired like any other (rule 17). */
async function adoptLive(
  context: EngineContext,
  index: OpenIndex,
  held: readonly GenerationMetadata[],
  signal: AbortSignal,
): Promise<void> {
  const live = await index.sink.live(index.definition.name, signal);
  const metadata = held.find((one) => one.name === live?.generation.name);
  if (live === null || metadata === undefined) return;
  if (!(await adoptGeneration(context.ledger, { ...metadata, epoch: live.epoch }))) return;
  context.observer.event('warn', 'ledger-restored: the ledger did not know the live generation, and has adopted it', {
    index: metadata.index,
    generation: metadata.name,
  });
}
