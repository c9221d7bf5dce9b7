/**
 * Where to go after signing in: `next` when it is a path of this very server, else `/`. A browser takes `//host`, `/\host`
 * and a tab or line end within them for another server, so all that does not parse back to itself is refused.
 */
export function localPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes('\\')) return '/';
  const here = 'http://here.invalid';
  if (!URL.canParse(next, here)) return '/';
  const url = new URL(next, here);
  // `/./` and `/..//host` become `//host` only when resolved, so what is resolved is what is given back.
  if (url.origin !== here || url.pathname.startsWith('//')) return '/';
  if (url.pathname === '/sign-in' || url.pathname.startsWith('/sign-in/') || url.pathname === '/sign-out') return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
