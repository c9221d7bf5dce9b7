import { RefusedError } from '@reindeer/core';
import type { SearchServer } from '../opensearch/server.ts';
import type { LiveGeneration } from '../sink.ts';
import { type FoundIndex, lookUp } from './lookUp.ts';
import { epochAlias, numberIn } from './names.ts';

/** Who stands under the name that readers use, from one state of the cluster. */
export interface Readers {
  /** What was asked for beside, by name. */
  readonly found: ReadonlyMap<string, FoundIndex>;
  /** Indexes that hold the readers' alias: none or one, as a rule. */
  readonly holders: readonly FoundIndex[];
  /** An ordinary index that has the readers' name. */
  readonly ordinary: FoundIndex | null;
  /** Where epoch aliases are: one, as a rule, and on the holder. */
  readonly epochs: readonly { readonly index: string; readonly alias: string }[];
  readonly epoch: number;
}

export async function readReaders(
  server: SearchServer,
  index: string,
  beside: readonly string[],
  signal: AbortSignal,
): Promise<Readers> {
  const prefix = epochAlias(index, 0).slice(0, -1);
  const found = await lookUp(server, [index, `${prefix}*`, ...beside], signal);
  const all = [...found.values()];
  const epochs = all.flatMap(({ name, aliases }) =>
    aliases.filter((alias) => numberIn(alias, prefix) !== null).map((alias) => ({ index: name, alias })),
  );
  return {
    found,
    holders: all.filter(({ aliases }) => aliases.includes(index)),
    ordinary: found.get(index) ?? null,
    epochs,
    epoch: Math.max(0, ...epochs.map(({ alias }) => numberIn(alias, prefix) ?? 0)),
  };
}

/**
 * The live generation; null when nothing of ours is: also where the name is a stranger's.
 * @throws RefusedError('sink-moved') when the alias is on several indexes: readers see them mixed.
 */
export function liveOf(index: string, { holders, epoch }: Readers): LiveGeneration | null {
  const [holder] = holders;
  if (holders.length > 1) {
    const names = holders.map(({ name }) => name).join(', ');
    throw new RefusedError(
      'sink-moved',
      `The alias ${JSON.stringify(index)} is on ${names} at once. Nobody but Reindeer should move it: leave it on one of them.`,
    );
  }
  return holder?.metadata?.index === index ? { generation: { index, name: holder.name }, epoch } : null;
}

/** What has the readers' name and was not made by Reindeer; null: nothing. */
export function strangerOf(index: string, { ordinary, holders }: Readers): string | null {
  if (ordinary !== null) return `An ordinary index has the name ${JSON.stringify(index)}`;
  const holder = holders.find(({ metadata }) => metadata?.index !== index);
  return holder === undefined
    ? null
    : `The alias ${JSON.stringify(index)} is on ${JSON.stringify(holder.name)}, which Reindeer did not make`;
}

/** How to let Reindeer have the name. */
export function takeOver(index: string, { ordinary }: Readers): string {
  const what =
    ordinary === null ? 'moves the alias and leaves that index alone' : 'deletes that index in the same step';
  return `\`reindeer run ${index} --adopt\` ${what}, when the new one is complete. Or give the index another name.`;
}
