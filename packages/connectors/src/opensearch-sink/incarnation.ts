import { UnavailableError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { askOf, gone } from './generation.ts';

interface StateAnswer {
  readonly metadata?: {
    readonly cluster_uuid?: string;
    readonly indices?: Readonly<
      Record<
        string,
        {
          readonly primary_terms?: Readonly<Record<string, number>>;
          readonly settings?: { readonly index?: { readonly uuid?: string } };
        }
      >
    >;
  };
}

interface StatsAnswer {
  readonly indices?: Readonly<
    Record<
      string,
      {
        readonly uuid?: string;
        readonly shards?: Readonly<
          Record<string, readonly { readonly routing?: { readonly primary?: boolean; readonly node?: string } }[]>
        >;
      }
    >
  >;
}

type RecoveryAnswer = Readonly<
  Record<
    string,
    {
      readonly shards?: readonly {
        readonly id: number;
        readonly start_time_in_millis?: number;
        readonly target?: { readonly id?: string };
      }[];
    }
  >
>;

/**
 * The primary terms of the generation's shards, from the cluster's state: a shard's is raised each time its primary is
 * assigned anew, after a failover, a restart, or a copy forced into its place; with them which cluster and which index
 * it is. That needs `cluster:monitor/state`, a part of what the health of the cluster needs as a rule.
 */
export async function incarnation(
  server: SearchServer,
  generation: GenerationRef,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await fromState(server, generation, signal);
  } catch (error) {
    if (!(error instanceof ResponseError) || !isKeptBack(error)) throw error;
    return await fromStats(server, generation, signal);
  }
}

/** Not granted, or an interface that this service does not have. */
function isKeptBack({ status, type }: ResponseError): boolean {
  return [400, 403, 405, 410].includes(status) || (status === 404 && type !== 'index_not_found_exception');
}

async function fromState(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<string> {
  const { name } = generation;
  const { metadata } = await server.ask<StateAnswer>({
    method: 'GET',
    path: `_cluster/state/metadata/${pathOf(name)}`,
    query: {
      // A name that is not there is left out; `open` alone would make an error of it.
      ignore_unavailable: true,
      allow_no_indices: true,
      filter_path: 'metadata.cluster_uuid,metadata.indices.*.primary_terms,metadata.indices.*.settings.index.uuid',
    },
    signal,
  });
  const found = metadata?.indices?.[name];
  if (found === undefined) throw gone(generation);
  const terms = Object.entries(found.primary_terms ?? {});
  return textOf([metadata?.cluster_uuid, found.settings?.index?.uuid], terms);
}

/**
 * With rights on the index alone: where each primary is, and since when this copy of it has been there. So it also
 * changes when a primary merely moved. (The term in its retention leases would not do: a restart leaves it as it was.)
 */
async function fromStats(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<string> {
  const { indices } = await askOf<StatsAnswer>(server, generation, {
    method: 'GET',
    action: '_stats/docs',
    query: { level: 'shards', filter_path: 'indices.*.uuid,indices.*.shards.*.routing' },
    signal,
  });
  const recovered = await askOf<RecoveryAnswer>(server, generation, {
    method: 'GET',
    action: '_recovery',
    query: { filter_path: '*.shards.id,*.shards.start_time_in_millis,*.shards.target.id' },
    signal,
  });
  const found = indices?.[generation.name];
  const copies = recovered[generation.name]?.shards ?? [];
  const since = Object.entries(found?.shards ?? {}).flatMap(([shard, routed]): (readonly [string, string])[] => {
    const node = routed.find(({ routing }) => routing?.primary === true)?.routing?.node;
    if (node === undefined) return [];
    const copy = copies.find(({ id, target }) => String(id) === shard && target?.id === node);
    return [[shard, `${copy?.start_time_in_millis ?? '?'}@${node}`]];
  });
  if (found === undefined || since.length === 0) {
    throw new UnavailableError(
      'sink-unavailable',
      `The sink's connection ${JSON.stringify(server.connection)}: no primary shard of ${JSON.stringify(generation.name)} answers. See _cluster/allocation/explain.`,
    );
  }
  return textOf([found.uuid], since);
}

function textOf(
  places: readonly (string | undefined)[],
  terms: readonly (readonly [shard: string, term: string | number])[],
): string {
  const sorted = terms.toSorted(([one], [other]) => Number(one) - Number(other));
  return [...places.map((place) => place ?? '?'), ...sorted.map(([shard, term]) => `${shard}:${term}`)].join('/');
}
