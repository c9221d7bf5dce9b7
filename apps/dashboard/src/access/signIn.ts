import type { ResolvedConfig } from '@reindeer/config';
import {
  createSession,
  createSignInLink,
  type Ledger,
  type Person,
  readSession,
  type TokenHash,
} from '@reindeer/ledger';
import type { NextFunction, Request, Response } from 'express';
import { problem, sendProblem } from '../api/problem.ts';
import { changesNothing } from './changesNothing.ts';
import { readSessionCookie, type SessionKey, setSessionCookie } from './sessionCookie.ts';
import { personOf, setPerson } from './signedIn.ts';
import { hashSession, hashToken, newToken } from './token.ts';
import { wantsPage } from './wantsPage.ts';

/** How long a sign-in link may wait to be used. */
export const LINK_LIFETIME_MS = 15 * 60_000;

/** The name of whoever came by a link, in sessions and in the audit. */
export const LINK_PERSON = 'link:once';

/** Who sends this request, told to `personOf`; goes on when nobody is signed in. */
export function recognise(config: ResolvedConfig['dashboard'], ledger: Ledger) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const session = await sessionOf(config, ledger, request);
    if (session !== null) {
      setPerson(request.headers, session.person);
      // The browser would else forget it before the ledger does. No cache may keep an answer that has it.
      if (session.prolonged) {
        setSessionCookie(request, response.set('Cache-Control', 'no-store'), session.key, config.sessionMs);
      }
    }
    next();
  };
}

/** Whose session a request carries, by the ledger and the configuration as they are now. */
export async function sessionOf(
  config: ResolvedConfig['dashboard'],
  ledger: Ledger,
  request: Request,
): Promise<{ readonly key: SessionKey; readonly person: Person; readonly prolonged: boolean } | null> {
  const key = readSessionCookie(request);
  const tokenHash = key === null ? null : sessionHash(config, key);
  if (key === null || tokenHash === null) return null;
  const found = await readSession(ledger, tokenHash, config.sessionMs);
  if (found === null) return null;
  // A changed role counts at once, whatever the session was begun with.
  const role = config.users.find(({ name }) => name === found.name)?.role ?? found.role;
  return { key, person: { name: found.name, role }, prolonged: found.prolonged };
}

/** As the ledger knows the session; null for somebody who is no longer configured. */
export function sessionHash(config: ResolvedConfig['dashboard'], { token, name }: SessionKey): TokenHash | null {
  if (name === LINK_PERSON) return hashSession(token, name, '');
  const user = config.users.find((one) => one.name === name);
  return user === undefined ? null : hashSession(token, name, user.password);
}

/** Ends a request that nobody signed in for: a page becomes the sign-in page, anything else a problem document. */
export function requirePerson(request: Request, response: Response, next: NextFunction): void {
  if (personOf(request.headers) !== null) {
    next();
  } else if (wantsPage(request)) {
    // A form is not sent again by itself: after signing in, people should see what is true by then.
    const next = changesNothing(request) ? `?next=${encodeURIComponent(request.originalUrl)}` : '';
    response.set('Cache-Control', 'no-store').redirect(303, `/sign-in${next}`);
  } else {
    sendProblem(response, problem(401, 'signed-out', 'Sign in at /sign-in first.'));
  }
}

/** Begins a session and sets its cookie. */
export async function beginSession(
  request: Request,
  response: Response,
  ledger: Ledger,
  user: Person & { readonly password: string },
  lifetimeMs: number,
): Promise<void> {
  const { name, role, password } = user;
  const token = newToken();
  await createSession(ledger, { name, role, tokenHash: hashSession(token, name, password), lifetimeMs });
  setSessionCookie(request, response, { token, name }, lifetimeMs);
}

/** The token of a new link that makes whoever uses it an operator, once. */
export async function newSignInLink(ledger: Ledger): Promise<string> {
  const token = newToken();
  await createSignInLink(ledger, { tokenHash: hashToken(token), role: 'operator', lifetimeMs: LINK_LIFETIME_MS });
  return token;
}
