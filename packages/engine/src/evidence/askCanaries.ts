import type { GenerationRef } from '@reindeer/connectors';
import { CANARY_HITS, decideCanaries, type Gate } from '@reindeer/core';
import type { OpenIndex } from '../context.ts';

/**
 * Asks a generation, by its own name, what its canaries ask, and decides on the answers. They count when it is settled.
 * @throws InputError `bad-canary`: the sink cannot read one
 */
export async function askCanaries(
  index: OpenIndex,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<readonly Gate[]> {
  const { canaries } = index.definition.rebuild;
  const answers: { readonly hits: number; readonly ids: readonly string[] }[] = [];
  for (const { query } of canaries) answers.push(await index.sink.probe(generation, query, CANARY_HITS, signal));
  return decideCanaries(canaries, answers);
}
