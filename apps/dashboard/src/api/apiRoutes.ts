import { InputError } from '@reindeer/core';
import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { personOf } from '../access/signedIn.ts';
import type { CommandContext } from '../commands/commandContext.ts';
import type { Call, CommandAnswer, CommandCall, ReadCall } from './call.ts';
import { CALLS } from './calls.ts';
import { openApi } from './openApi.ts';
import { refuseUnknown } from './parameters.ts';
import { problem, sendProblem } from './problem.ts';

const MAX_BODY_BYTES = 16_384;

/** `/api/v1`. */
export function apiRoutes(context: CommandContext): Router {
  const router = Router({ caseSensitive: true });
  router.use((_request: Request, response: Response, next: NextFunction) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  const description = openApi();
  router.get('/openapi.json', (_request, response) => {
    response.json(description);
  });
  for (const [template, calls] of Map.groupBy(CALLS, (call) => call.path)) {
    const path = template.replaceAll(/\{(\w+)\}/g, ':$1');
    for (const call of calls) {
      if (call.method === 'get') router.get(path, read(context, call));
      else
        router.post(
          path,
          express.json({ limit: call.maxBodyBytes ?? MAX_BODY_BYTES, strict: false }),
          command(context, call),
        );
    }
    router.all(path, (_request, response) => refuseMethod(response, calls));
  }
  router.use((request, response) => {
    const detail = `There is no call ${request.method} ${request.baseUrl}${request.path}. /api/v1/openapi.json lists them.`;
    sendProblem(response, problem(404, 'no-such-route', detail));
  });
  return router;
}

function read(context: CommandContext, call: ReadCall): RequestHandler {
  return async (request, response) => {
    refuseUnknown(request, call.query);
    response.json(await call.handle(context, request));
  };
}

function command(context: CommandContext, call: CommandCall): RequestHandler {
  return async (request, response) => {
    const person = personOf(request.headers);
    if (person === null) throw new Error('a command came without a person; requirePerson must stand before it');
    refuseUnknown(request, []);
    requireJson(request, call);
    sendAnswer(response, await call.handle(context, request, person));
  };
}

/** What is no JSON was not read, and would count as a body that was left out. */
function requireJson(request: Request, call: CommandCall): void {
  const empty =
    request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0;
  if (empty ? call.bodyOptional : call.body === null || request.is('json')) return;
  throw new InputError('invalid-body', 'Send the body as JSON, with Content-Type: application/json.');
}

function sendAnswer(response: Response, { status, location, retryAfterSeconds, body }: CommandAnswer): void {
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
  if (location !== undefined) response.location(location);
  response.status(status);
  if (status >= 400) response.type('application/problem+json').send(JSON.stringify(body));
  else response.json(body);
}

function refuseMethod(response: Response, calls: readonly Call[]): void {
  const allowed = calls.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST']));
  response.set('Allow', allowed.join(', '));
  sendProblem(response, problem(405, 'method-not-allowed', `This call takes ${allowed.join(', ')}.`));
}
