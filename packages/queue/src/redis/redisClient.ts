import { Cluster, Redis } from 'ioredis';
import { type ClientOptions, retryStrategy } from './clientOptions.ts';
import type { RedisServer } from './redisServer.ts';

/** A connection to one server, or to the nodes of a cluster that this deployment's one slot needs. */
export type RedisClient = Redis | Cluster;

/** Makes a client that connects at once, and again whenever it is cut off. */
export function redisClient(
  server: RedisServer,
  mode: 'single' | 'cluster',
  options: ClientOptions,
  onError: (error: unknown) => void,
): RedisClient {
  const client = mode === 'single' ? single(server, options) : cluster(server, options);
  client.on('error', (error: unknown) => onError(error));
  return client;
}

function single({ url, tls }: RedisServer, options: ClientOptions): Redis {
  return new Redis(url, { ...options, ...(tls === undefined ? {} : { tls }) });
}

function cluster({ host, port, username, password, tls }: RedisServer, options: ClientOptions): Cluster {
  // Nodes that went away are found again by the cluster's own retries.
  const { retryStrategy: _, ...redisOptions } = options;
  return new Cluster([{ host, port }], {
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: 5_000,
    // Nodes are known to one another by name where certificates are for names.
    ...(tls === undefined ? {} : { dnsLookup: (address, found) => found(null, address) }),
    redisOptions: {
      ...redisOptions,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
    },
  });
}
