import { fileURLToPath } from 'node:url';
import { readShardAges } from '@reindeer/ledger';
import {
  asksForShards,
  cachedReadiness,
  hasBearerToken,
  type Logger,
  type Metrics,
  renderMetrics,
} from '@reindeer/runtime';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { requireOperatorToAct } from './access/requireOperator.ts';
import { requireSameOrigin } from './access/sameOrigin.ts';
import { recognise, requirePerson } from './access/signIn.ts';
import { signInRoutes } from './access/signInRoutes.ts';
import { apiRoutes } from './api/apiRoutes.ts';
import type { CallContext } from './api/call.ts';
import { problem, problemOf } from './api/problem.ts';
import { boardHooks } from './board/boardHooks.ts';
import { boardRoutes } from './board/boardRoutes.ts';
import { commandContext } from './commands/commandContext.ts';
import { eventRoute } from './events/eventRoute.ts';
import { dependencies } from './health.ts';
import { observe } from './observe.ts';
import { actionRoutes } from './pages/actionRoutes.ts';
import { pageRoutes } from './pages/pageRoutes.ts';
import { sendRefusal } from './pages/sendRefusal.ts';
import { securityHeaders } from './securityHeaders.ts';

const BOARD = '/queues';

export interface WebAppOptions extends CallContext {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Ends what would otherwise go on: streams of events. */
  readonly stopping: AbortSignal;
}

/** All routes in their order: what stands above `requirePerson` is open to everybody. */
export function createWebApp(options: WebAppOptions): Express {
  const { config, ledger, queue, logger, metrics, stopping } = options;
  const queues = queue.boardQueues(Object.keys(config.indexes));
  const commands = commandContext({ config, ledger, queue, logger });
  const readiness = cachedReadiness(() => dependencies(ledger, queue));
  const app = express();
  app.disable('x-powered-by');
  // Whoever is on the same host or private network may be the proxy in front: its word on scheme and address counts.
  app.set('trust proxy', 'loopback, linklocal, uniquelocal');
  app.use(securityHeaders(BOARD));

  app.get('/healthz', (_request, response) => {
    response.json({ live: true });
  });
  app.get('/readyz', async (_request, response) => {
    const report = await readiness();
    response.status(report.ready ? 200 : 503).json(report);
  });
  app.use(
    '/assets',
    express.static(fileURLToPath(new URL('./assets', import.meta.url)), { index: false, maxAge: '5m' }),
  );

  app.use(requireSameOrigin);
  // With the bearer token the metrics need no session, and so no ledger.
  const { metricsToken } = config.dashboard;
  const sendMetrics = async (request: Request, response: Response) => {
    await observe(config, ledger, queue, metrics, logger);
    const shards = asksForShards(request.url) ? await readShardAges(ledger) : null;
    response.set('Content-Type', metrics.registry.contentType).send(await renderMetrics(metrics, shards));
  };
  app.get('/metrics', (request, response, next) => {
    const { authorization } = request.headers;
    return metricsToken !== null && hasBearerToken(authorization, metricsToken)
      ? sendMetrics(request, response)
      : next();
  });

  app.use(recognise(config.dashboard, ledger));
  app.use(signInRoutes(config.dashboard, ledger, logger));
  app.use(requirePerson);
  app.use(requireOperatorToAct(logger));
  app.get('/metrics', sendMetrics);
  app.get('/api/v1/events', eventRoute(config.dashboard, ledger, logger, stopping));
  app.use('/api/v1', apiRoutes(commands));
  app.use(`${BOARD}/api`, async (_request, _response, next) => {
    // Bull Board would wait for a queue that is away as long as it is.
    await queue.ping();
    next();
  });
  app.use(BOARD, boardRoutes(BOARD, queues, boardHooks(ledger, queue, queues, logger)));
  app.use(pageRoutes(options));
  app.use(actionRoutes(commands));
  app.use((request, response) =>
    sendRefusal(request, response, problem(404, 'no-such-route', `There is nothing at ${request.path}.`)),
  );
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const body = problemOf(error);
    if (body.status >= 500) logger.error({ err: error, method: request.method, path: request.path }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendRefusal(request, response, body);
  });
  return app;
}
