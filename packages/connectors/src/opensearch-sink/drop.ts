import { RefusedError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { readReaders } from './readers.ts';

/**
 * Deletes a generation's index, its aliases with it; what is gone already is no error. Never the live one: that another
 * is live is asserted by the deleting call itself, so that no swap comes in between. Never a stranger's index.
 */
export async function drop(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<void> {
  const { index, name } = generation;
  const readers = await readReaders(server, index, [name], signal);
  const found = readers.found.get(name);
  if (found === undefined) return;
  if (found.metadata?.index !== index) {
    throw new RefusedError(
      'name-taken',
      `The index ${JSON.stringify(name)} is no generation of ${JSON.stringify(index)}, and is left alone.`,
    );
  }
  if (readers.holders.some((holder) => holder.name === name)) throw live(name);
  const elsewhere = readers.epochs.find((held) => held.index !== name);
  try {
    if (elsewhere === undefined) await server.ask({ method: 'DELETE', path: pathOf(name), signal });
    else await server.ask({ method: 'POST', path: '_aliases', body: { actions: whileLive(elsewhere, name) }, signal });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    if (error.type === 'aliases_not_found_exception') throw live(name, error);
    if (error.type === 'index_not_found_exception') return;
    throw error;
  }
}

/** Fails unless the epoch is still where it was. */
function whileLive({ index, alias }: { index: string; alias: string }, dropped: string): readonly object[] {
  return [
    { remove: { index, alias, must_exist: true } },
    { add: { index, alias, is_write_index: true } },
    { remove_index: { index: dropped } },
  ];
}

function live(name: string, cause?: unknown): RefusedError {
  const what = cause === undefined ? 'is live' : 'may have become live meanwhile';
  return new RefusedError('sink-moved', `The generation ${JSON.stringify(name)} ${what}, and is not dropped.`, {
    cause,
  });
}
