import {
  configurationStanding,
  groupFailures,
  listDifferences,
  listRunJobs,
  listSlices,
  readAlive,
  readIndex,
  readIndexHealth,
  readLastRuns,
  readTroubles,
} from '@reindeer/ledger';
import { laneQueue } from '@reindeer/queue';
import { Router } from 'express';
import type { CallContext } from '../api/call.ts';
import { readIndexViews } from '../api/indexView.ts';
import { runParameter } from '../api/parameters.ts';
import { findRun } from '../commands/findRun.ts';
import { bounded } from './bounded.ts';
import { overviewPage } from './overviewPage.ts';
import { sendPage } from './page.ts';
import { pagePerson } from './pagePerson.ts';
import { runPage } from './runPage.ts';

const MAX_ROWS = 200;
const MAX_EXAMPLES = 20;

/** `/` and `/runs/{run}`. */
export function pageRoutes({ config, ledger, queue }: CallContext): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const [indexes, health, lastRuns, troubles, ticksPaused, limits, alive, standing] = await Promise.all([
      readIndexViews(config, ledger, queue),
      readIndexHealth(ledger),
      readLastRuns(ledger),
      readTroubles(ledger),
      bounded(queue.ticksPaused(), false),
      bounded(queue.limits(Object.keys(config.indexes)), null),
      readAlive(ledger),
      configurationStanding(ledger, config.fingerprint),
    ]);
    const person = pagePerson(request);
    sendPage(
      response,
      200,
      overviewPage({
        person,
        indexes,
        health,
        lastRuns,
        troubles,
        ticksPaused,
        limits,
        alive,
        standing,
        nowMs: Date.now(),
      }),
    );
  });

  router.get('/runs/:run', async (request, response) => {
    const number = runParameter(request);
    const run = await findRun(ledger, number);
    const [slices, jobs, failures, differences, troubles, overview, limits, alive] = await Promise.all([
      listSlices(ledger, number, { limit: MAX_ROWS }),
      listRunJobs(ledger, number, MAX_ROWS),
      groupFailures(ledger, { run: number, limit: MAX_EXAMPLES }),
      listDifferences(ledger, [number], MAX_EXAMPLES),
      readTroubles(ledger),
      readIndex(ledger, run.index),
      bounded(queue.limits([run.index]), []),
      readAlive(ledger),
    ]);
    const page = runPage({
      person: pagePerson(request),
      run,
      slices,
      jobs,
      failures,
      differences,
      troubles: troubles.filter((one) => one.run === number),
      holds: (overview?.holds ?? []).filter(
        (hold) => (hold.lane ?? run.lane) === run.lane && (hold.run ?? run.run) === run.run,
      ),
      limits: limits.filter((limit) => limit.queue === `${run.index}.${laneQueue(run.lane)}`),
      alive,
      nowMs: Date.now(),
    });
    sendPage(response, 200, page);
  });
  return router;
}
