import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BoardHooks, QueueJobJson } from '@bull-board/api/typings/app';
import type { BoardQueue } from '@reindeer/queue';
import { type RequestHandler, Router } from 'express';
import { personOf } from '../access/signedIn.ts';
import { PrivateExpressAdapter } from './PrivateExpressAdapter.ts';
import { BOARD_THEME } from './theme.ts';

/**
 * Bull Board under `path`: one for operators, and one without buttons for viewers. What a viewer may do is decided by
 * the hooks; leaving the buttons away is a courtesy.
 */
export function boardRoutes(path: string, queues: readonly BoardQueue[], hooks: BoardHooks): Router {
  const operators = board(path, queues, hooks, false);
  const viewers = board(path, queues, hooks, true);
  const router = Router();
  router.use((request, response, next) =>
    (personOf(request.headers)?.role === 'operator' ? operators : viewers)(request, response, next),
  );
  return router;
}

function board(path: string, queues: readonly BoardQueue[], hooks: BoardHooks, readOnlyMode: boolean): RequestHandler {
  const serverAdapter = new PrivateExpressAdapter();
  serverAdapter.setBasePath(path);
  createBullBoard({
    queues: queues.map(({ name, index, queue }) => {
      return new BullMQAdapter(queue, {
        readOnlyMode,
        delimiter: '.',
        displayName: index === null ? name : `${index} / ${name.slice(index.length + 1)}`,
        description: describe(name, index),
        externalJobUrl: runLink,
      });
    }),
    serverAdapter,
    options: {
      handlerHooks: hooks,
      uiConfig: {
        boardTitle: 'Reindeer queues',
        boardLogo: { path: '/assets/reindeer.svg', width: 26, height: 26 },
        favIcon: { default: '/assets/reindeer.svg', alternative: '/assets/reindeer.svg' },
        miscLinks: [{ text: 'Overview', url: '/' }],
        hideDocsLink: true,
        overview: { groupByDelimiter: true },
        jobDetails: { defaultTab: 'Data' },
        theme: BOARD_THEME,
      },
    },
  });
  return serverAdapter.getRouter() as RequestHandler;
}

function describe(name: string, index: string | null): string {
  if (index === null) return 'Schedules fire here; each job decides whether a run starts.';
  return name.endsWith('.live')
    ? 'What keeps the index fresh: changes as they come.'
    : 'What works through the whole index: rebuild, refresh, verify.';
}

/** From a job to the page of its run. */
function runLink({ data }: QueueJobJson): { displayText: string; href: string } {
  const run: unknown = (data as { run?: unknown } | null)?.run;
  return Number.isSafeInteger(run)
    ? { displayText: `Run #${String(run)}`, href: `/runs/${String(run)}` }
    : { displayText: 'Overview', href: '/' };
}
