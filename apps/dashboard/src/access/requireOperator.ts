import type { Logger } from '@reindeer/runtime';
import type { RequestHandler } from 'express';
import { problem } from '../api/problem.ts';
import { sendRefusal } from '../pages/sendRefusal.ts';
import { changesNothing } from './changesNothing.ts';
import { personOf } from './signedIn.ts';

/**
 * Lets only operators change anything, whatever the route: one that is added later is closed to viewers by itself. GET
 * and HEAD must therefore never change anything.
 */
export function requireOperatorToAct(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const person = personOf(request.headers);
    if (changesNothing(request) || person?.role === 'operator') return next();
    logger.warn({ name: person?.name, method: request.method, path: request.path }, 'refused: not an operator');
    const detail = 'Only operators act; you are signed in as a viewer.';
    return sendRefusal(request, response, problem(403, 'operators-only', detail));
  };
}
