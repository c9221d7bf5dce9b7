import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationInfo } from '../sink.ts';
import { type FoundIndex, lookUp } from './lookUp.ts';

interface StatsAnswer {
  readonly indices?: Readonly<
    Record<string, { primaries?: { docs?: { count: number } }; total?: { store?: { size_in_bytes: number } } }>
  >;
}

/** Generations of the index, newest first, then strangers: what has the index's name, its alias, or a generation's name. */
export async function list(
  server: SearchServer,
  index: string,
  signal: AbortSignal,
): Promise<readonly GenerationInfo[]> {
  const found = [...(await lookUp(server, [index, `${index}_g*`], signal)).values()];
  const ours = found
    .filter(({ metadata }) => metadata?.index === index)
    .toSorted((a, b) => (b.metadata?.number ?? 0) - (a.metadata?.number ?? 0));
  // `things_german_g1_…` is a generation of another index of ours.
  const strangers = found.filter(({ metadata }) => metadata === null);
  const listed = [...ours, ...strangers];
  if (listed.length === 0) return [];
  const stats = await readStats(server, listed, signal);
  return listed.map(({ name, metadata, aliases }) => ({
    name,
    metadata,
    live: aliases.includes(index),
    documents: stats[name]?.primaries?.docs?.count ?? null,
    bytes: stats[name]?.total?.store?.size_in_bytes ?? null,
  }));
}

async function readStats(
  server: SearchServer,
  listed: readonly FoundIndex[],
  signal: AbortSignal,
): Promise<NonNullable<StatsAnswer['indices']>> {
  const { indices } = await server.ask<StatsAnswer>({
    method: 'GET',
    path: `${pathOf(...listed.map(({ name }) => name))}/_stats/docs,store`,
    // Closed ones, and one that was dropped just now, have none.
    query: { expand_wildcards: 'open,hidden', forbid_closed_indices: false, ignore_unavailable: true },
    signal,
  });
  return indices ?? {};
}
