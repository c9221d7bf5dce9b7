import type { NextFunction, Request, Response } from 'express';
import { problem } from '../api/problem.ts';
import { sendRefusal } from '../pages/sendRefusal.ts';
import { changesNothing } from './changesNothing.ts';

/**
 * Refuses a request that changes something unless a page of this server sent it: browsers say so in `Sec-Fetch-Site`
 * (over https and on localhost) and in `Origin`, and a page cannot forge either. Only the host of the origin is
 * compared, because a proxy that ends TLS may not tell the scheme.
 *
 * Forms carry no token beside it, because a token would prove the same thing less well: every browser since 2020 sends
 * `Origin` with every POST, PUT and PATCH, what has none is refused, and the session's cookie is `SameSite=Lax`, so that
 * another site's requests do not even carry it.
 */
export function requireSameOrigin(request: Request, response: Response, next: NextFunction): void {
  if (changesNothing(request) || isSameOrigin(request.headers, request.host) || isProgram(request)) {
    next();
    return;
  }
  const detail = 'A request that changes something must come from a page of this dashboard.';
  sendRefusal(request, response, problem(403, 'cross-site', detail));
}

export function isSameOrigin(
  headers: { readonly 'sec-fetch-site'?: unknown; readonly origin?: string | undefined },
  host: string | undefined,
): boolean {
  if (headers['sec-fetch-site'] !== undefined && headers['sec-fetch-site'] !== 'same-origin') return false;
  if (headers.origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return host !== undefined && URL.canParse(headers.origin) && new URL(headers.origin).host === host;
}

/**
 * A script that calls the API, or signs in for it, sends neither header; a browser sends at least one. Pages and Bull
 * Board are for browsers alone.
 */
function isProgram({ headers, path }: Request): boolean {
  const neither = headers.origin === undefined && headers['sec-fetch-site'] === undefined;
  return neither && (path === '/sign-in' || path.startsWith('/api/v1/'));
}
