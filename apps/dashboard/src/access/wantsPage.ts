import type { Request } from 'express';

/** Whether a person looks at the answer in a browser: it came from a link or a form, not from a script. */
export function wantsPage(request: Request): boolean {
  const api = request.originalUrl.startsWith('/api/') || request.originalUrl.startsWith('/queues/api/');
  return !api && (request.headers.accept ?? '').includes('text/html');
}
