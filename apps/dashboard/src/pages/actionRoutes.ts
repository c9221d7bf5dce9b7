import { InputError, LANES, type Lane } from '@reindeer/core';
import express, { type Request, type Response, Router } from 'express';
import { cleanNote } from '../api/commandBody.ts';
import { runParameter } from '../api/parameters.ts';
import type { CommandContext } from '../commands/commandContext.ts';
import { pauseIndex, resumeAllTicks, resumeIndex } from '../commands/controlIndexes.ts';
import { type By, cancel, pauseRun, resumeRun, retry } from '../commands/controlRuns.ts';
import { promoteIndex } from '../commands/promoteIndex.ts';
import { startRuns } from '../commands/startRuns.ts';
import { sendPage } from './page.ts';
import { pagePerson } from './pagePerson.ts';
import { partlyStartedPage } from './partlyStartedPage.ts';

/** What the buttons of the pages post to. Each leads back to where its effect is to be seen; a refusal is a page of its own. */
export function actionRoutes(context: CommandContext): Router {
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '8kb' });

  router.post('/indexes/:index/run', form, async (request, response) => {
    const index = String(request.params.index);
    const wanted = {
      index,
      lane: laneField(request) ?? 'rebuild',
      shard: shardField(request),
      range: null,
      force: field(request, 'force') === 'yes',
      adopt: false,
    };
    const started = await startRuns(context, wanted, pagePerson(request).name);
    const [only] = started.runs;
    if (started.refusals.length > 0) {
      sendPage(response, 200, partlyStartedPage(started, pagePerson(request)));
    } else if (started.runs.length === 1 && only !== undefined) {
      response.redirect(303, `/runs/${only.run}`);
    } else {
      toIndex(response, index);
    }
  });

  router.post('/indexes/:index/pause', form, async (request, response) => {
    const index = String(request.params.index);
    await pauseIndex(context, { index, lane: laneField(request) }, by(request));
    toIndex(response, index);
  });

  router.post('/indexes/:index/resume', form, async (request, response) => {
    const index = String(request.params.index);
    await resumeIndex(context, { index, lane: laneField(request) }, by(request));
    toIndex(response, index);
  });

  for (const [verb, direction] of Object.entries({ promote: 'on', rollback: 'back' } as const)) {
    router.post(`/indexes/:index/${verb}`, form, async (request, response) => {
      const force = field(request, 'force') === 'yes';
      const generation = field(request, 'generation') || null;
      const wanted = { index: String(request.params.index), direction, generation, force };
      const { run } = await promoteIndex(context, wanted, by(request));
      response.redirect(303, `/runs/${run}`);
    });
  }

  router.post('/runs/:run/cancel', form, async (request, response) => {
    const run = runParameter(request);
    await cancel(context, run, by(request), field(request, 'force') === 'yes');
    response.redirect(303, `/runs/${run}`);
  });

  for (const [verb, act] of Object.entries({ pause: pauseRun, resume: resumeRun, retry })) {
    router.post(`/runs/:run/${verb}`, form, async (request, response) => {
      const run = runParameter(request);
      await act(context, run, by(request));
      response.redirect(303, `/runs/${run}`);
    });
  }

  router.post('/ticks/resume', form, async (request, response) => {
    await resumeAllTicks(context, by(request));
    response.redirect(303, '/');
  });
  return router;
}

function toIndex(response: Response, index: string): void {
  response.redirect(303, `/#index-${encodeURIComponent(index)}`);
}

function by(request: Request): By {
  return { actor: pagePerson(request).name, note: cleanNote(field(request, 'note')) };
}

function field(request: Request, name: string): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.trim() : '';
}

function laneField(request: Request): Lane | null {
  const given = field(request, 'lane');
  const lane = LANES.find((one) => one === given);
  if (given === '' || lane !== undefined) return lane ?? null;
  throw new InputError('invalid-body', `lane: there is no lane ${JSON.stringify(given)}.`);
}

function shardField(request: Request): number | null {
  const given = field(request, 'shard');
  if (given === '') return null;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new InputError(
    'invalid-body',
    `shard: ${JSON.stringify(given)} is no number of a shard. Leave it out for all.`,
  );
}
