import type { IndexDefinition } from '@reindeer/core';
import { InputError } from '@reindeer/core';
import type { ChangesCheck } from './checkChanges.ts';
import { openSearchServer } from './opensearch/server.ts';
import { shareServers } from './opensearch/shareServers.ts';
import { openOpenSearchSink } from './opensearch-sink/index.ts';
import { sharedPools } from './postgres/sharedPools.ts';
import { type LogInstallation, logInstallation, logTarget, openLogPool } from './postgres-log/index.ts';
import { howModified } from './postgres-modified/index.ts';
import { openPostgresSink, openSinkPool } from './postgres-sink/index.ts';
import { type FollowedColumn, type FollowedLog, openPostgresSource, openSourcePool } from './postgres-source/index.ts';
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

export interface ConnectionOptions {
  /** Connections to each configured server that this process opens at most for reading, and again for writing. */
  readonly maxConnections: number;
  /** Which app this is, as servers show it to an operator. Default `reindeer`. */
  readonly clientName?: string;
  /** By connection, the url of a role that owns its tables, and installs logs there. Default: the connection's own. */
  readonly owners?: Readonly<Record<string, string>>;
}

/** The configured servers, for as many indexes as use them. */
export interface Connections {
  source(index: IndexDefinition): Source;
  sink(index: IndexDefinition): Sink;
  /** The log of the index's changes, to be looked at and installed; null where its definition asks for none. */
  log(index: IndexDefinition): LogInstallation | null;
  /**
   * Whether the index's changes can be found as its definition says; null where they are not followed.
   * @throws InputError with the remedy
   */
  checkChanges(index: IndexDefinition, signal: AbortSignal): Promise<ChangesCheck | null>;
  /** After the sources and sinks that were opened. */
  close(): Promise<void>;
}

const REQUESTS_PER_CONNECTION = 3;

/** Opens an index's ends on the configured connections: the one place that knows which adapter serves which kind. */
export function openConnections(
  connections: Readonly<Record<string, Connection>>,
  { maxConnections, clientName = 'reindeer', owners = {} }: ConnectionOptions,
): Connections {
  const pools = sharedPools();
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
  const limits = (end: 'source' | 'sink') => ({ maxConnections, applicationName: `${clientName}:${end}` });
  const followed = (
    { source }: IndexDefinition,
    kind: 'log' | 'modified-column',
    name: string,
    url: string,
  ): FollowedLog | FollowedColumn => {
    if (kind === 'modified-column') return { kind };
    const writer = pools.open(`${name} log`, () => openLogPool(url));
    return { kind, schema: source.log.schema, dependencies: source.dependencies, writer };
  };
  const readers = (name: string, url: string) =>
    pools.open(`${name} source`, () => openSourcePool(url, limits('source')));
  const logOf = (index: IndexDefinition): LogInstallation | null => {
    if (index.source.changes !== 'log') return null;
    const { name, url } = connection(index, 'source');
    const writer = pools.open(`${name} log`, () => openLogPool(owners[name] ?? url));
    const { source } = index;
    const { dependencies, log } = source;
    return logInstallation(
      logTarget({ connection: name, index: index.name, definition: source, dependencies, schema: log.schema, writer }),
      readers(name, url),
    );
  };
  return {
    source: (index) => {
      const { name, url } = connection(index, 'source');
      return openPostgresSource({
        connection: { name, url },
        pool: readers(name, url),
        index: index.name,
        definition: index.source,
        fingerprint: index.fingerprint,
        ...(index.source.changes === 'none' ? {} : { changes: followed(index, index.source.changes, name, url) }),
      });
    },
    log: logOf,
    checkChanges: async (index, signal) => {
      const log = logOf(index);
      if (log !== null) {
        const findings = await log.inspect(signal);
        const warnings = await log.check(signal);
        return { how: `by triggers, logged in the schema ${log.schema}`, warnings, findings };
      }
      if (index.source.changes !== 'modified-column') return null;
      const { name, url } = connection(index, 'source');
      const how = await howModified(
        { connection: name, index: index.name, definition: index.source, pool: readers(name, url) },
        signal,
      );
      return { how: `by "${index.source.modified}", ${how}`, warnings: [], findings: [] };
    },
    sink: (index) =>
      ofIndex(index.name, () => {
        const { kind, ...to } = connection(index, 'sink');
        if (kind === 'postgres')
          return openPostgresSink({
            connection: to,
            pool: pools.open(`${to.name} sink`, () => openSinkPool(to.url, limits('sink'))),
            definition: index.sink,
          });
        const server = () =>
          // Each slice has several batches under way.
          openSearchServer({ connection: { ...to, kind }, maxConnections: maxConnections * REQUESTS_PER_CONNECTION });
        return openOpenSearchSink({ server: share(to.name, server), definition: index.sink });
      }),
    close: () => pools.close(),
  };
}

/** A sink does not know whose it is: what it says of its settings, as `sink.…`, is told as that of the index. */
function ofIndex<T>(index: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof InputError) || !error.message.startsWith('sink.')) throw error;
    throw new InputError(error.code, `indexes.${index}.${error.message}`, { cause: error });
  }
}
