import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';

const NAME = 'reindeer_session';

export function readSessionCookie(request: Request): string | null {
  return parseCookie(request.headers.cookie ?? '')[NAME] || null;
}

/** Not readable by scripts, not sent with requests that other sites cause, and over https only where the page was. */
export function setSessionCookie(request: Request, response: Response, token: string, lifetimeMs: number): void {
  response.append('Set-Cookie', cookie(request, token, Math.floor(lifetimeMs / 1_000)));
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
