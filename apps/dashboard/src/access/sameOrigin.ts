import type { NextFunction, Request, Response } from 'express';
import { problem, sendProblem } from '../api/problem.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a request that changes something unless a page of this server sent it: browsers say so in `Sec-Fetch-Site`
 * (over https and on localhost) and in `Origin`, and a page cannot forge either. Only the host of the origin is
 * compared, because a proxy that ends TLS may not tell the scheme.
 */
export function requireSameOrigin(request: Request, response: Response, next: NextFunction): void {
  if (SAFE.has(request.method) || isSameOrigin(request.headers, request.host)) {
    next();
    return;
  }
  sendProblem(
    response,
    problem(403, 'cross-site', 'A request that changes something must come from a page of this dashboard.'),
  );
}

export function isSameOrigin(
  headers: { readonly 'sec-fetch-site'?: unknown; readonly origin?: string | undefined },
  host: string | undefined,
): boolean {
  if (headers['sec-fetch-site'] !== undefined && headers['sec-fetch-site'] !== 'same-origin') return false;
  if (headers.origin === undefined) return headers['sec-fetch-site'] === 'same-origin';
  return host !== undefined && URL.canParse(headers.origin) && new URL(headers.origin).host === host;
}
