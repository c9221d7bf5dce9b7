import { RefusedError } from '@reindeer/core';
import { builtFrom, holdSourceReplaced } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';

/**
 * The source is the database that the generation was built from (rule 16). Otherwise the lanes that compare are held:
 * to them every document that has no row there would be one to delete. A generation whose source is not known passes.
 * @throws RefusedError `source-replaced`, with both ways out
 */
export async function requireSameSource(
  context: Pick<EngineContext, 'ledger' | 'observer'>,
  index: OpenIndex,
  generation: { readonly id: number; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const before = await builtFrom(context.ledger, generation.id);
  const { system } = await index.source.identity(signal);
  const { name } = index.definition;
  if (before === null) {
    // Made before this was kept, or adopted from a sink that does not say.
    context.observer.event('debug', 'it is not known which source the generation was built from', {
      index: name,
      generation: generation.name,
    });
    return;
  }
  if (before === system) return;
  const note = `${generation.name} was built from ${before}, and connections.${index.definition.source.connection} is ${system}`;
  if (await holdSourceReplaced(context.ledger, name, note))
    context.observer.event('error', 'source-replaced: the source is another database; nothing is compared with it', {
      index: name,
      generation: generation.name,
      before,
      now: system,
    });
  throw new RefusedError(
    'source-replaced',
    `The source of ${name} is another database than before: ${note}. If this is meant, rebuild by hand: \`reindeer run ${name}\`. If not, correct the url, restart, and let it go on: \`reindeer resume ${name}\`.`,
  );
}
