import { readFileSync } from 'node:fs';
import { InputError } from '@reindeer/core';
import { Pool } from 'undici';
import { messageOf } from '../postgres/failure.ts';
import { unreachable } from './failure.ts';
import { ResponseError } from './responseError.ts';
import { retryAfterMs } from './retryAfter.ts';

/** Both speak the same API where a sink needs it. */
export type SearchKind = 'opensearch' | 'elasticsearch';

export interface SearchServerOptions {
  readonly connection: {
    readonly name: string;
    readonly kind: SearchKind;
    /** May hold user, password and a path before every other: a proxy's. */
    readonly url: string;
    /** A file of certificates (PEM) to check the server's by, in place of the system's. */
    readonly ca?: string;
  };
  /** Requests under way at once; more wait in this process. Connections are kept open between them. */
  readonly maxConnections: number;
}

export interface SearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the url's own path, without a leading slash; names in it are encoded (`pathOf`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** An object goes as JSON; a text as it is, as lines of JSON: no document passes through a serializer (I10). */
  readonly body?: object | string;
  readonly signal: AbortSignal;
  /** Numbers in the answer stay as they are written: they are for `JSON.stringify` alone. Default false. */
  readonly exact?: boolean;
  /** How long the answer may take to begin, and then between its parts. Default 60 s. */
  readonly timeoutMs?: number;
}

/** A server, through at most so many connections. Errors never hold what the url does. */
export interface SearchServer {
  readonly kind: SearchKind;
  /** The connection's name in the configuration, for messages. */
  readonly connection: string;
  /**
   * The answer's JSON, of the type that the caller knows it to have.
   * @throws ResponseError when the server refuses; UnavailableError when it does not answer; the signal's reason.
   */
  ask<T>(request: SearchRequest): Promise<T>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Some ten times the largest that is asked for: 10,000 ids with their stamps, or what a bulk request was refused for. */
const MAX_ANSWER_BYTES = 64_000_000;

/**
 * On undici's pool, not on an official client: those hide retries, read and write documents through serializers of
 * their own, and cannot be aborted by a signal. Connects on first use.
 */
export function openSearchServer({ connection, maxConnections }: SearchServerOptions): SearchServer {
  const url = new URL(connection.url);
  const base = url.pathname.replace(/\/+$/, '');
  const headers: Record<string, string> = { accept: 'application/json' };
  if (url.username !== '' || url.password !== '') {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(user).toString('base64')}`;
  }
  const pool = new Pool(url.origin, {
    connections: maxConnections,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS, ...certificates(connection) },
  });
  return {
    kind: connection.kind,
    connection: connection.name,
    async ask<T>({
      method,
      path,
      query = {},
      body,
      signal,
      exact = false,
      timeoutMs = DEFAULT_TIMEOUT_MS,
    }: SearchRequest): Promise<T> {
      signal.throwIfAborted();
      const search = new URLSearchParams(
        Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
      ).toString();
      const lines = typeof body === 'string';
      try {
        const answer = await pool.request({
          method,
          path: `${base}/${path}${search === '' ? '' : `?${search}`}`,
          headers:
            body === undefined
              ? headers
              : { ...headers, 'content-type': lines ? 'application/x-ndjson' : 'application/json' },
          body: body === undefined ? null : lines ? body : JSON.stringify(body),
          signal,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        const text = await textOf(answer.body);
        if (answer.statusCode < 300) return (text === '' ? {} : exact ? exactly(text) : JSON.parse(text)) as T;
        throw new ResponseError(
          answer.statusCode,
          parsed(text),
          retryAfterMs(answer.headers['retry-after'], Date.now()),
        );
      } catch (error) {
        // Aborted: the connection was cut, and the reason is the caller's own.
        signal.throwIfAborted();
        throw error instanceof ResponseError ? error : unreachable(error, connection.name);
      }
    },
    close: () => pool.destroy(),
  };
}

function certificates({ name, ca }: SearchServerOptions['connection']): { readonly ca?: string } {
  if (ca === undefined) return {};
  try {
    return { ca: readFileSync(ca, 'utf8') };
  } catch (error) {
    throw new InputError(
      'bad-connection',
      `connections.${name}.ca: ${JSON.stringify(ca)} cannot be read (${messageOf(error)}). Give a file of certificates in PEM.`,
      { cause: error },
    );
  }
}

/** Names in a path. */
export function pathOf(...names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name)).join(',');
}

/** What is at the url may be anything, also something that answers without an end (I8). */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`its answer is larger than ${MAX_ANSWER_BYTES / 1_000_000} MB`);
    parts.push(part);
  }
  return Buffer.concat(parts, bytes).toString();
}

/** A proxy in between answers with pages of its own. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function exactly(text: string): unknown {
  const keep = (_key: string, value: unknown, context: { source?: string }) =>
    typeof value === 'number' && context.source !== undefined
      ? (JSON as unknown as { rawJSON(digits: string): unknown }).rawJSON(context.source)
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}
