import type { Request } from 'express';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the request only reads, as its method says. */
export function changesNothing(request: Pick<Request, 'method'>): boolean {
  return SAFE.has(request.method);
}
