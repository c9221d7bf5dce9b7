import { RefusedError, type Ticket } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { type FoundIndex, lookUp } from './lookUp.ts';
import { boundAlias, numberIn } from './names.ts';

export function gone(generation: GenerationRef, cause?: unknown): RefusedError {
  return new RefusedError(
    'generation-gone',
    `There is no generation ${JSON.stringify(generation.name)} of index ${JSON.stringify(generation.index)}; it was dropped.`,
    { cause },
  );
}

/** @throws RefusedError('generation-gone') when there is no such generation of ours. */
export async function findGeneration(
  server: SearchServer,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<FoundIndex & { readonly metadata: NonNullable<FoundIndex['metadata']> }> {
  const found = (await lookUp(server, [generation.name], signal)).get(generation.name);
  const metadata = found?.metadata ?? null;
  if (found === undefined || metadata?.index !== generation.index) throw gone(generation);
  return { ...found, metadata };
}

/** Asks something of a generation; an index that is not there is a generation that was dropped. */
export async function askOf<T>(
  server: SearchServer,
  generation: GenerationRef,
  request: Omit<Parameters<SearchServer['ask']>[0], 'path'> & { readonly action: string },
): Promise<T> {
  const { action, ...rest } = request;
  try {
    return await server.ask<T>({ ...rest, path: `${pathOf(generation.name)}/${action}` });
  } catch (error) {
    if (error instanceof ResponseError && error.type === 'index_not_found_exception') throw gone(generation, error);
    throw error;
  }
}

/** Makes everything that was acknowledged visible to searches. */
export async function refresh(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<void> {
  await askOf(server, generation, { method: 'POST', action: '_refresh', timeoutMs: 300_000, signal });
}

/** How many documents a search can see. */
export async function countDocuments(
  server: SearchServer,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<number> {
  const { count } = await askOf<{ count: number }>(server, generation, { method: 'GET', action: '_count', signal });
  return count;
}

/**
 * Raises the ticket bound. It is kept in the name of an alias, because mappings cannot be changed on a condition: of two
 * that read, compare and put `_meta`, the one with the lower bound may come last. Aliases are added and removed in one
 * step, the highest counts, and nobody removes one that is higher than their own: no race lowers it.
 */
export async function reserve(
  server: SearchServer,
  generation: GenerationRef,
  bound: Ticket,
  signal: AbortSignal,
): Promise<void> {
  const found = await findGeneration(server, generation, signal);
  if (found.metadata.ticketBound >= bound) return;
  const prefix = boundAlias(generation.name, 0).slice(0, -1);
  const lower = found.aliases.filter((alias) => (numberIn(alias, prefix) ?? bound) < bound);
  await server.ask({
    method: 'POST',
    path: '_aliases',
    body: {
      actions: [
        { add: { index: generation.name, alias: boundAlias(generation.name, bound) } },
        // Not `must_exist`: another may have removed it for a higher one.
        ...lower.map((alias) => ({ remove: { index: generation.name, alias, must_exist: false } })),
      ],
    },
    signal,
  });
}
