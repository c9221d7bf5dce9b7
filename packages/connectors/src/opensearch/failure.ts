import { InputError, RefusedError, UnavailableError } from '@reindeer/core';
import { messageOf } from '../postgres/failure.ts';
import { ResponseError } from './responseError.ts';

/** The way to the server failed: nothing is known of the request. */
export function unreachable(error: unknown, connection: string): Error {
  const place = `The sink's connection ${JSON.stringify(connection)}`;
  const said = messageOf(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/CERT|ISSUER|SIGNATURE|ALTNAME/.test(code)) {
    return new InputError(
      'bad-connection',
      `${place}: its certificate is not trusted (${said}). Give the authority's certificates as connections.${connection}.ca, a file, or in NODE_EXTRA_CA_CERTS.`,
      { cause: error },
    );
  }
  return new UnavailableError(
    'sink-unavailable',
    `${place} does not answer: ${said}. Check that it runs and can be reached from here.`,
    { cause: error },
  );
}

/** Overloaded: the same request, later and smaller, may well succeed. */
export function isBusy({ status, type }: { readonly status: number; readonly type: string }): boolean {
  return status === 429 || status === 503 || /rejected_execution|circuit_breaking/.test(type);
}

/** Set by the server itself when its disk is nearly full, and lifted by it when there is room again. */
export function isDiskBlock({ type, reason }: { readonly type: string; readonly reason: string }): boolean {
  return type === 'cluster_block_exception' && /flood-stage|read-only \/ allow delete|disk usage/.test(reason);
}

/** A failure as one of the classes that callers react to. What is ours already comes back as it is. */
export function asReaction(error: unknown, connection: string): unknown {
  if (!(error instanceof ResponseError)) return error;
  const { status, type, reason, retryAfterMs } = error;
  const place = `The sink's connection ${JSON.stringify(connection)}`;
  const options = { cause: error, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  if (isDiskBlock(error)) return diskFull(connection, reason, error);
  if (status === 401) {
    return new InputError('bad-connection', `${place}: name or password are refused. Correct its url.`, options);
  }
  if (status === 403 && type !== 'cluster_block_exception') {
    return new InputError(
      'denied',
      `${place}: ${reason}. Grant its user what is named here, on the index's name and on <index>_g*.`,
      options,
    );
  }
  if (type === 'index_not_found_exception') return new RefusedError('generation-gone', `${place}: ${reason}.`, options);
  if (status === 413) {
    return new InputError(
      'too-large',
      `${place}: a request was too large for it. Raise http.max_content_length.`,
      options,
    );
  }
  if (isBusy(error) || status >= 500 || status === 408 || type === 'cluster_block_exception') {
    return new UnavailableError('sink-unavailable', `${place} refuses for now: ${reason}.`, options);
  }
  return error;
}

export function diskFull(connection: string, reason: string, cause: unknown): UnavailableError {
  return new UnavailableError(
    'disk',
    `The sink's connection ${JSON.stringify(connection)} has no room left (${reason}). Make room on its data nodes: it lifts the block by itself, or set index.blocks.read_only_allow_delete to null.`,
    { cause },
  );
}
