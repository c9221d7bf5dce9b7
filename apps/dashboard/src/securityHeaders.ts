import type { RequestHandler } from 'express';
import helmet from 'helmet';

const OWN = ["'self'"];
const STRICT = {
  'default-src': ["'none'"],
  'script-src': OWN,
  'style-src': OWN,
  'img-src': OWN,
  'connect-src': OWN,
  'form-action': OWN,
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};
// Bull Board sets styles from its scripts and has a <base>; its scripts are files too.
const BOARD = {
  ...STRICT,
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'base-uri': OWN,
};

/** Response headers that let a page load nothing from elsewhere, run nothing inline, and be framed by nobody. */
export function securityHeaders(boardPath: string): RequestHandler {
  const strict = headers(STRICT);
  const board = headers(BOARD);
  return (request, response, next) =>
    (request.path === boardPath || request.path.startsWith(`${boardPath}/`) ? board : strict)(request, response, next);
}

function headers(directives: Record<string, string[]>) {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // Under `no-referrer`, helmet's own choice, browsers send `Origin: null` with the forms of these very pages.
    referrerPolicy: { policy: 'same-origin' },
    // For the proxy that ends TLS to say: it knows whether the whole host speaks https.
    strictTransportSecurity: false,
    // Browsers ignore both over plain http, and complain.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}
