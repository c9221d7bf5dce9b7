import { listFailures, listSlices, readAlive, readRun } from '@reindeer/ledger';
import type { BoardQueue } from '@reindeer/queue';
import { type Request, Router } from 'express';
import { personOf } from '../access/signedIn.ts';
import type { CallContext } from '../api/call.ts';
import { readIndexViews } from '../api/indexView.ts';
import { NotFound } from '../api/NotFound.ts';
import { runParameter } from '../api/parameters.ts';
import { overviewPage } from './overviewPage.ts';
import { sendPage } from './page.ts';
import { runPage } from './runPage.ts';

const MAX_ROWS = 200;

/** `/` and `/runs/{run}`. */
export function pageRoutes({ config, ledger, queue }: CallContext, queues: readonly BoardQueue[]): Router {
  const router = Router();
  const ticks = queues.find(({ index }) => index === null)?.queue;

  router.get('/', async (request, response) => {
    const [indexes, ticksPaused, alive] = await Promise.all([
      readIndexViews(config, ledger, queue),
      bounded(ticks?.isPaused() ?? Promise.resolve(false)),
      readAlive(ledger),
    ]);
    sendPage(response, 200, overviewPage({ person: person(request), indexes, ticksPaused, alive, nowMs: Date.now() }));
  });

  router.get('/runs/:run', async (request, response) => {
    const number = runParameter(request);
    const [run, slices, failures] = await Promise.all([
      readRun(ledger, number),
      listSlices(ledger, number, { limit: MAX_ROWS }),
      listFailures(ledger, { run: number, limit: MAX_ROWS }),
    ]);
    if (run === null) throw new NotFound('no-such-run', `There is no run ${number}: it never was, or was pruned.`);
    sendPage(response, 200, runPage({ person: person(request), run, slices, failures, nowMs: Date.now() }));
  });
  return router;
}

function person(request: Request) {
  const found = personOf(request.headers);
  if (found === null) throw new Error('a page was asked for without a person; requirePerson must stand before it');
  return found;
}

/** false when the queue does not answer soon: the page must not hang with it. */
function bounded(answer: Promise<boolean>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, 2_000, false).unref());
  return Promise.race([answer.catch(() => false), late]);
}
