import { RefusedError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef, LiveGeneration } from '../sink.ts';
import { gone } from './generation.ts';
import { assertIndexName, epochAlias } from './names.ts';
import { liveOf, type Readers, readReaders, strangerOf, takeOver } from './readers.ts';

/**
 * Moves the readers' alias in one atomic call: they see the old generation or the new one, whole (rule 11).
 *
 * Whatever was read before is asserted by that call itself. What is there is removed with `must_exist`, so it fails once
 * another has moved it. That nothing is there is asserted by `is_write_index`: the cluster lets one index alone hold an
 * alias so, and a second first swap fails. (Readers' writes go to the live generation either way.) And an alias cannot
 * have the name of an index that came meanwhile.
 */
export async function promote(
  server: SearchServer,
  to: GenerationRef,
  expected: LiveGeneration | null,
  adopt: boolean,
  signal: AbortSignal,
): Promise<LiveGeneration> {
  const { index } = to;
  assertIndexName(index);
  const before = await readReaders(server, index, [to.name], signal);
  assertUnmoved(to, expected, adopt, before);
  const live = { generation: { index, name: to.name }, epoch: before.epoch + 1 };
  try {
    await server.ask({ method: 'POST', path: '_aliases', body: { actions: actions(live, before) }, signal });
  } catch (error) {
    if (!(error instanceof ResponseError) || !isOvertaken(error)) throw error;
    // Something else is true by now: it says what.
    assertUnmoved(to, expected, adopt, await readReaders(server, index, [to.name], signal));
    throw moved(index, `changed while it was being moved (${error.reason})`, error);
  }
  // An alias that a person added between the two calls, without the write flag, is not asserted: it is told.
  liveOf(index, await readReaders(server, index, [], signal));
  return live;
}

function actions({ generation, epoch }: LiveGeneration, before: Readers): readonly object[] {
  const { index, name } = generation;
  const remove = (from: string, alias: string) => ({ remove: { index: from, alias, must_exist: true } });
  const add = (alias: string) => ({ add: { index: name, alias, is_write_index: true } });
  return [
    ...(before.ordinary === null ? [] : [{ remove_index: { index } }]),
    ...before.holders.map((holder) => remove(holder.name, index)),
    ...before.epochs.map((held) => remove(held.index, held.alias)),
    add(index),
    add(epochAlias(index, epoch)),
  ];
}

function assertUnmoved(to: GenerationRef, expected: LiveGeneration | null, adopt: boolean, readers: Readers): void {
  const { index } = to;
  if (readers.found.get(to.name)?.metadata?.index !== index) throw gone(to);
  const stranger = strangerOf(index, readers);
  if (stranger !== null && !adopt) {
    throw new RefusedError('name-taken', `${stranger}. ${takeOver(index, readers)}`);
  }
  const live = liveOf(index, readers);
  const now = shown(live);
  if (now !== shown(expected)) throw moved(index, `was expected to show ${shown(expected)}, and shows ${now}`);
}

function shown(live: LiveGeneration | null): string {
  return live === null ? 'nothing' : `${live.generation.name} with epoch ${live.epoch}`;
}

/** The ways in which the atomic call says that what was read is no longer true. */
function isOvertaken({ type, reason }: ResponseError): boolean {
  return (
    /^(aliases_not_found|index_not_found|invalid_alias_name|resource_not_found)_exception$/.test(type) ||
    /more than one write index|same name as (the|an) alias|exists with the same name/.test(reason)
  );
}

function moved(index: string, what: string, cause?: unknown): RefusedError {
  return new RefusedError(
    'sink-moved',
    `The alias ${JSON.stringify(index)} ${what}. Nobody but Reindeer should move it.`,
    { cause },
  );
}
