import type { ResolvedConfig } from '@reindeer/config';
import { endSession, type Ledger, recordAudit, useSignInLink } from '@reindeer/ledger';
import type { Logger } from '@reindeer/runtime';
import express, { type Request, Router } from 'express';
import { sendPage } from '../pages/page.ts';
import { linkPage, signInPage } from '../pages/signInPage.ts';
import { findUser } from './findUser.ts';
import { localPath } from './localPath.ts';
import { SignInAttempts } from './SignInAttempts.ts';
import { clearSessionCookie, readSessionCookie } from './sessionCookie.ts';
import { personOf } from './signedIn.ts';
import { beginSession, LINK_PERSON, sessionHash } from './signIn.ts';
import { hashToken } from './token.ts';

/** `/sign-in`, `/sign-in/link` and `/sign-out`: all that works without being signed in, besides health. */
export function signInRoutes(config: ResolvedConfig['dashboard'], ledger: Ledger, logger: Logger): Router {
  const attempts = new SignInAttempts();
  const byPassword = config.users.length > 0;
  const router = Router();
  router.use(['/sign-in', '/sign-out'], express.urlencoded({ extended: false, limit: '4kb' }));

  router.get('/sign-in', (request, response) => {
    const next = localPath(request.query.next);
    if (personOf(request.headers) !== null) return response.redirect(303, next);
    return sendPage(response, 200, signInPage({ next, byPassword, message: null, name: '' }));
  });

  router.post('/sign-in', async (request, response) => {
    const name = field(request, 'name').slice(0, 200);
    const next = localPath(field(request, 'next'));
    const address = request.ip ?? 'unknown';
    const refuse = (status: number, message: string) =>
      sendPage(response, status, signInPage({ next, byPassword, message, name }));
    const waitMs = await attempts.waitMs(name, address);
    if (waitMs > 0) {
      response.set('Retry-After', String(Math.ceil(waitMs / 1_000)));
      return refuse(429, `Too many attempts. Try again in ${Math.ceil(waitMs / 60_000)} min.`);
    }
    const user = findUser(config.users, name, field(request, 'password'));
    if (user === null) {
      await attempts.failed(name, address);
      logger.warn({ name, address }, 'sign-in refused');
      return refuse(401, 'That name and password do not match.');
    }
    await attempts.succeeded(name, address);
    await recordAudit(ledger, { actor: user.name, action: 'sign-in', target: address, detail: { by: 'password' } });
    await beginSession(request, response, ledger, user, config.sessionMs);
    logger.info({ name: user.name, address }, 'signed in');
    return response.redirect(303, next);
  });

  // Opening a link only shows a button; pressing it uses the link up. Chat programs, mail scanners and browsers that
  // fetch ahead open every link they see, and would otherwise have used it before its owner does.
  router.get('/sign-in/link', (request, response) =>
    sendPage(response, 200, linkPage({ token: String(request.query.token ?? ''), used: false })),
  );

  router.post('/sign-in/link', async (request, response) => {
    const address = request.ip ?? 'unknown';
    const role = await useSignInLink(ledger, hashToken(field(request, 'token')));
    if (role === null) {
      logger.warn({ address }, 'sign-in link refused');
      return sendPage(response, 410, linkPage({ token: '', used: true }));
    }
    await recordAudit(ledger, { actor: LINK_PERSON, action: 'sign-in', target: address, detail: { by: 'link' } });
    await beginSession(request, response, ledger, { name: LINK_PERSON, role, password: '' }, config.sessionMs);
    logger.info({ address }, 'signed in by link');
    return response.redirect(303, '/');
  });

  router.post('/sign-out', async (request, response) => {
    const key = readSessionCookie(request);
    const tokenHash = key === null ? null : sessionHash(config, key);
    if (tokenHash !== null) await endSession(ledger, tokenHash);
    const name = personOf(request.headers)?.name;
    if (name !== undefined) {
      await recordAudit(ledger, { actor: name, action: 'sign-out', target: request.ip ?? 'unknown' });
      logger.info({ name }, 'signed out');
    }
    clearSessionCookie(request, response);
    response.redirect(303, '/sign-in');
  });
  return router;
}

function field(request: Request, name: string): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}
