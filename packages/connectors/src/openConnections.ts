import type { IndexDefinition } from '@reindeer/core';
import { InputError } from '@reindeer/core';
import { openSearchServer } from './opensearch/server.ts';
import { shareServers } from './opensearch/shareServers.ts';
import { openOpenSearchSink } from './opensearch-sink/index.ts';
import { openPostgresSink } from './postgres-sink/index.ts';
import { openPostgresSource } from './postgres-source/index.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/** A server that a configuration names. */
export interface Connection {
  readonly name: string;
  readonly kind: 'postgres' | 'opensearch' | 'elasticsearch';
  readonly url: string | null;
  /** A file of certificates that a search server's own is checked by. */
  readonly ca?: string;
}

export interface ConnectionLimits {
  /** Connections that each end of each index may open at most. */
  readonly maxConnections: number;
}

const REQUESTS_PER_CONNECTION = 3;

/** Opens an index's ends on the configured connections: the one place that knows which adapter serves which kind. */
export function openConnections(
  connections: Readonly<Record<string, Connection>>,
  limits: ConnectionLimits,
): { source(index: IndexDefinition): Source; sink(index: IndexDefinition): Sink } {
  const share = shareServers();
  const connection = (index: IndexDefinition, end: 'source' | 'sink'): Connection & { readonly url: string } => {
    const name = index[end].connection;
    const found = connections[name];
    if (found?.url != null) return { ...found, name, url: found.url };
    throw new InputError(
      'url-missing',
      `connections.${name}.url: there is none, and indexes.${index.name}.${end} needs it. Set it, or use \`reindeer dev\`, which starts a server of its own.`,
    );
  };
  return {
    source: (index) =>
      openPostgresSource({
        connection: connection(index, 'source'),
        index: index.name,
        definition: index.source,
        fingerprint: index.fingerprint,
        maxConnections: limits.maxConnections,
      }),
    sink: (index) => {
      const { maxConnections } = limits;
      const { kind, ...to } = connection(index, 'sink');
      if (kind === 'postgres') return openPostgresSink({ connection: to, definition: index.sink, maxConnections });
      const server = () =>
        // One server for all indexes, and each slice has several batches under way.
        openSearchServer({ connection: { ...to, kind }, maxConnections: maxConnections * REQUESTS_PER_CONNECTION });
      return openOpenSearchSink({ server: share(to.name, server), definition: index.sink });
    },
  };
}
