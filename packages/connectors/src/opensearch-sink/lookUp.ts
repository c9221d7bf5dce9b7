import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationMetadata } from '../sink.ts';
import { boundAlias, numberIn } from './names.ts';

/** One index as the cluster's state has it. */
export interface FoundIndex {
  readonly name: string;
  readonly aliases: readonly string[];
  /** null: not made by Reindeer. */
  readonly metadata: GenerationMetadata | null;
  /** What `settle` restores, as it was when the generation was made. */
  readonly restored: Readonly<Record<string, unknown>>;
  /** Its settings by their full names. */
  readonly settings: Readonly<Record<string, unknown>>;
}

interface IndexAnswer {
  readonly aliases?: Readonly<Record<string, unknown>>;
  readonly mappings?: { readonly _meta?: { readonly reindeer?: Readonly<Record<string, unknown>> } };
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * What these names (of indexes or aliases, `*` permitted) stand for: everything that a decision needs, from one state of
 * the cluster. Names that are not there are left out.
 */
export async function lookUp(
  server: SearchServer,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundIndex>> {
  const answer = await server.ask<Record<string, IndexAnswer>>({
    method: 'GET',
    path: names.map((name) => pathOf(name).replaceAll('%2A', '*')).join(','),
    query: { ignore_unavailable: true, allow_no_indices: true, expand_wildcards: 'all', flat_settings: true },
    signal,
  });
  return new Map(Object.entries(answer).map(([name, found]) => [name, toFound(name, found)]));
}

function toFound(name: string, { aliases = {}, mappings, settings = {} }: IndexAnswer): FoundIndex {
  const { restored = {}, ...ours } = mappings?._meta?.reindeer ?? {};
  const metadata = isMetadata(ours) && ours.name === name ? ours : null;
  const held = Object.keys(aliases);
  const bounds = held.flatMap((alias) => numberIn(alias, boundAlias(name, 0).slice(0, -1)) ?? []);
  return {
    name,
    aliases: held,
    metadata: metadata === null ? null : { ...metadata, ticketBound: Math.max(metadata.ticketBound, ...bounds) },
    restored: restored as Readonly<Record<string, unknown>>,
    settings,
  };
}

function isMetadata(ours: object): ours is GenerationMetadata {
  const { index, name, nonce, number, definition, ticketBound } = ours as Record<string, unknown>;
  return (
    [index, name, nonce].every((text) => typeof text === 'string') &&
    [number, definition, ticketBound].every(Number.isSafeInteger)
  );
}
