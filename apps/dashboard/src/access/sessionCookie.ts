import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';

const NAME = 'reindeer_session';

/** What a browser keeps of a session. */
export interface SessionKey {
  readonly token: string;
  /** Who it claims to be; the ledger knows whether that is true. */
  readonly name: string;
}

export function readSessionCookie(request: Request): SessionKey | null {
  const [token, name] = (parseCookie(request.headers.cookie ?? '')[NAME] ?? '').split('.');
  return token && name ? { token, name: Buffer.from(name, 'base64url').toString() } : null;
}

/** Not readable by scripts, not sent with requests that other sites cause, and over https only where the page was. */
export function setSessionCookie(request: Request, response: Response, key: SessionKey, lifetimeMs: number): void {
  const value = `${key.token}.${Buffer.from(key.name).toString('base64url')}`;
  response.append('Set-Cookie', cookie(request, value, Math.floor(lifetimeMs / 1_000)));
}

export function clearSessionCookie(request: Request, response: Response): void {
  response.append('Set-Cookie', cookie(request, '', 0));
}

function cookie(request: Request, value: string, maxAge: number): string {
  return stringifySetCookie({
    name: NAME,
    value,
    maxAge,
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.secure,
  });
}
