import { type NextFunction, type Request, type Response, Router } from 'express';
import { CALLS, type CallContext } from './calls.ts';
import { openApi } from './openApi.ts';
import { refuseUnknown } from './parameters.ts';
import { problem, sendProblem } from './problem.ts';

/** `/api/v1`. */
export function apiRoutes(context: CallContext): Router {
  const router = Router({ caseSensitive: true });
  router.use((_request: Request, response: Response, next: NextFunction) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  const description = openApi();
  router.get('/openapi.json', (_request, response) => {
    response.json(description);
  });
  for (const call of CALLS) {
    const path = call.path.replaceAll(/\{(\w+)\}/g, ':$1');
    router.get(path, async (request, response) => {
      refuseUnknown(request, call.query);
      response.json(await call.handle(context, request));
    });
    router.all(path, (_request, response) => {
      response.set('Allow', 'GET, HEAD');
      sendProblem(response, problem(405, 'method-not-allowed', 'This call only reads: send GET.'));
    });
  }
  router.use((request, response) => {
    const detail = `There is no call ${request.method} ${request.baseUrl}${request.path}. /api/v1/openapi.json lists them.`;
    sendProblem(response, problem(404, 'no-such-route', detail));
  });
  return router;
}
