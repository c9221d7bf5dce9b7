import type { IndexDefinition } from '@reindeer/core';
import { InputError } from '@reindeer/core';
import { openPostgresSink } from './postgres-sink/index.ts';
import { openPostgresSource } from './postgres-source/index.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/** A server that a configuration names. */
export interface Connection {
  readonly name: string;
  readonly kind: 'postgres';
  readonly url: string | null;
}

export interface ConnectionLimits {
  /** Connections that each end of each index may open at most. */
  readonly maxConnections: number;
}

/** Opens an index's ends on the configured connections: the one place that knows which adapter serves which kind. */
export function openConnections(
  connections: Readonly<Record<string, Connection>>,
  limits: ConnectionLimits,
): { source(index: IndexDefinition): Source; sink(index: IndexDefinition): Sink } {
  const connection = (index: IndexDefinition, end: 'source' | 'sink'): { name: string; url: string } => {
    const name = index[end].connection;
    const found = connections[name];
    if (found?.url != null) return { name, url: found.url };
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
    sink: (index) =>
      openPostgresSink({
        connection: connection(index, 'sink'),
        definition: index.sink,
        maxConnections: limits.maxConnections,
      }),
  };
}
