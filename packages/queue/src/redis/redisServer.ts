import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { InputError } from '@reindeer/core';
import type { RedisOptions } from 'ioredis';

/** Where the queue's Redis is, and how to be sure that it is that one. */
export interface RedisServer {
  /** Without the parameters that name files. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NonNullable<RedisOptions['tls']>;
}

/** Parameters of a `rediss://` url that name files in PEM, as libpq's `sslrootcert`, `sslcert` and `sslkey` do. */
const FILES = ['ca', 'cert', 'key'] as const;

/**
 * Reads `queue.url`. `?ca=/path.pem` trusts that authority alone; without it those of Node count, which
 * NODE_EXTRA_CA_CERTS adds to. `cert` and `key` show a client's certificate.
 * @throws InputError `queue-url`.
 */
export function redisServer(text: string): RedisServer {
  const url = new URL(text);
  const secure = url.protocol === 'rediss:';
  const files = FILES.filter((name) => url.searchParams.has(name));
  if (files.length > 0 && !secure) {
    throw new InputError('queue-url', `queue.url has ?${files[0]}=…, and is not encrypted: write rediss://….`);
  }
  const read = Object.fromEntries(files.map((name) => [name, readPem(name, url.searchParams.get(name) ?? '')]));
  for (const name of files) url.searchParams.delete(name);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    url: url.href,
    host,
    port: url.port === '' ? 6379 : Number(url.port),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    // Servers behind one address are told apart by the name that is asked for; an address is no name.
    ...(secure ? { tls: { ...read, ...(isIP(host) === 0 ? { servername: host } : {}) } } : {}),
  };
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError('queue-url', `queue.url names ?${name}=${path}, which cannot be read: ${why}.`);
  }
}
