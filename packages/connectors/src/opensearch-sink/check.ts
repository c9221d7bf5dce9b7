import { InputError } from '@reindeer/core';
import { ResponseError } from '../opensearch/responseError.ts';
import type { SearchServer } from '../opensearch/server.ts';
import { assertIndexName } from './names.ts';
import { readReaders, strangerOf, takeOver } from './readers.ts';
import { GC_DELETES, notTaken, type OpenSearchSinkSettings } from './settings.ts';

const NAMES = { opensearch: 'OpenSearch', elasticsearch: 'Elasticsearch' } as const;
const OLDEST = { opensearch: 2, elasticsearch: 8 } as const;

/**
 * Reachability, version, grants, mappings and settings as the server sees them, and a stranger with the index's name.
 * @returns warnings: what works, but its owner should know
 * @throws InputError with the remedy
 */
export async function check(
  server: SearchServer,
  settings: OpenSearchSinkSettings,
  index: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  assertIndexName(index);
  await checkVersion(server, signal);
  const warnings = await checkCluster(server, settings, index, signal);
  await checkDefinition(server, settings, index, signal);
  const readers = await readReaders(server, index, [], signal);
  if (readers.holders.length > 1) {
    const names = readers.holders.map(({ name }) => name).join(', ');
    throw new InputError(
      'name-taken',
      `indexes.${index}: the alias ${JSON.stringify(index)} is on ${names} at once. Leave it on one of them.`,
    );
  }
  const stranger = strangerOf(index, readers);
  if (stranger !== null) {
    throw new InputError('name-taken', `indexes.${index}: ${stranger}. ${takeOver(index, readers)}`);
  }
  return warnings;
}

async function checkVersion(server: SearchServer, signal: AbortSignal): Promise<void> {
  const { kind, connection } = server;
  const { version } = await server.ask<{ version?: { number?: string; distribution?: string } }>({
    method: 'GET',
    path: '',
    signal,
  });
  const place = `connections.${connection}`;
  const found = version?.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch';
  const number = version?.number ?? '?';
  if (found !== kind) {
    throw new InputError(
      'wrong-kind',
      `${place}.kind: ${JSON.stringify(kind)}, but ${NAMES[found]} ${number} answers there. Write kind: '${found}'.`,
    );
  }
  if (!(Number.parseInt(number, 10) >= OLDEST[kind])) {
    throw new InputError(
      'old-server',
      `${place}: ${NAMES[kind]} ${number} is too old for a sink. Use ${OLDEST[kind]} or newer.`,
    );
  }
}

async function checkCluster(
  server: SearchServer,
  { restored }: OpenSearchSinkSettings,
  index: string,
  signal: AbortSignal,
): Promise<string[]> {
  const health = await server.ask<{ status: string; number_of_data_nodes: number }>({
    method: 'GET',
    path: '_cluster/health',
    signal,
  });
  const warnings: string[] = [];
  const place = `connections.${server.connection}`;
  if (health.status === 'red') {
    warnings.push(
      `${place}: the cluster's health is red: some of its data cannot be read or written. See _cluster/allocation/explain.`,
    );
  }
  const replicas = restored['index.number_of_replicas'] ?? 1;
  if (
    health.number_of_data_nodes === 1 &&
    Number(replicas) > 0 &&
    restored['index.auto_expand_replicas'] === undefined
  ) {
    warnings.push(
      `indexes.${index}.sink.settings.number_of_replicas: ${String(replicas)}${restored['index.number_of_replicas'] === null ? ' by default' : ''}, and the cluster has one data node, which holds no replicas: the index stays yellow. Set it to 0, or add a node.`,
    );
  }
  return warnings;
}

/** A template that is made in the mind alone: the server says what it does not take, before a run is started. */
async function checkDefinition(
  server: SearchServer,
  { mappings, settings }: OpenSearchSinkSettings,
  index: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await server.ask({
      method: 'POST',
      path: '_index_template/_simulate',
      body: {
        index_patterns: [`${index}_g0_check`],
        // Above every template that is there: two of one priority for a name are refused.
        priority: 2_000_000_000,
        template: { mappings, settings: { ...settings, 'index.gc_deletes': GC_DELETES } },
      },
      signal,
    });
  } catch (error) {
    if (!(error instanceof ResponseError) || error.status !== 400) {
      // Whoever may not simulate may make indexes all the same.
      if (error instanceof ResponseError && error.status === 403) return;
      throw error;
    }
    const told = error.reason.replace(/^.*composition is invalid: (\w+ .*is invalid: )?/s, '');
    throw notTaken(index, told, error);
  }
}
