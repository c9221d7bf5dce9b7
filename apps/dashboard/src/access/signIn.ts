import type { ResolvedConfig } from '@reindeer/config';
import { createSession, createSignInLink, type Ledger, type Person, readSession } from '@reindeer/ledger';
import type { NextFunction, Request, Response } from 'express';
import { problem, sendProblem } from '../api/problem.ts';
import { changesNothing } from './changesNothing.ts';
import { readSessionCookie, setSessionCookie } from './sessionCookie.ts';
import { personOf, setPerson } from './signedIn.ts';
import { hashToken, newToken } from './token.ts';
import { wantsPage } from './wantsPage.ts';

/** How long a sign-in link may wait to be used. */
export const LINK_LIFETIME_MS = 15 * 60_000;

/** The name of whoever came by a link, in sessions and in the audit. */
export const LINK_PERSON = 'link:once';

/** Who sends this request, told to `personOf`; goes on when nobody is signed in. */
export function recognise(config: ResolvedConfig['dashboard'], ledger: Ledger) {
  return async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    const token = readSessionCookie(request);
    const person = token === null ? null : await readSession(ledger, hashToken(token), config.sessionMs);
    const now = person === null ? null : stillAllowed(config, person);
    if (now !== null) setPerson(request.headers, now);
    next();
  };
}

/** A session outlives a restart, but not its user: whoever is no longer configured is out, and a changed role counts at once. */
function stillAllowed(config: ResolvedConfig['dashboard'], person: Person): Person | null {
  if (person.name === LINK_PERSON) return person;
  const user = config.users.find(({ name }) => name === person.name);
  return user === undefined ? null : { name: user.name, role: user.role };
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
  person: Person,
  lifetimeMs: number,
): Promise<void> {
  const token = newToken();
  await createSession(ledger, { ...person, tokenHash: hashToken(token), lifetimeMs });
  setSessionCookie(request, response, token, lifetimeMs);
}

/** The token of a new link that makes whoever uses it an operator, once. */
export async function newSignInLink(ledger: Ledger): Promise<string> {
  const token = newToken();
  await createSignInLink(ledger, { tokenHash: hashToken(token), role: 'operator', lifetimeMs: LINK_LIFETIME_MS });
  return token;
}
