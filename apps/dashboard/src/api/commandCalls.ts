import { RefusedError, type RunView } from '@reindeer/core';
import { MAX_REQUESTED_KEYS, sumRuns } from '@reindeer/ledger';
import type { Request } from 'express';
import type { CommandContext } from '../commands/commandContext.ts';
import { pauseIndex, resumeIndex } from '../commands/controlIndexes.ts';
import { type By, cancel, pauseRun, resumeRun, retry } from '../commands/controlRuns.ts';
import { findDefinition } from '../commands/findDefinition.ts';
import { promoteIndex } from '../commands/promoteIndex.ts';
import { requestChanges } from '../commands/requestChanges.ts';
import { type RunsStarted, startRuns } from '../commands/startRuns.ts';
import type { CommandAnswer, CommandCall } from './call.ts';
import { changesBody, MAX_CHANGES_BYTES } from './changesBody.ts';
import { cancelBody, holdBody, noteBody, promotionBody, runBody } from './commandBody.ts';
import { keyed } from './idempotencyKey.ts';
import { readIndexView } from './indexView.ts';
import { runParameter } from './parameters.ts';
import { problem, problemOf } from './problem.ts';

const RUN = { 200: { description: 'The run as it stands now.', schema: 'Run' } } as const;
const INDEX = { 200: { description: 'The index as it stands now.', schema: 'Index' } } as const;

function control(
  verb: 'pause' | 'resume' | 'retry',
  summary: string,
  act: (context: CommandContext, run: number, by: By) => Promise<RunView>,
): CommandCall {
  return {
    method: 'post',
    path: `/runs/{run}/${verb}`,
    operationId: `${verb}Run`,
    summary,
    body: 'Note',
    bodyOptional: true,
    keyed: false,
    answers: RUN,
    handle: async (context, request, person) => {
      const body = await act(context, runParameter(request), { actor: person.name, ...noteBody(request) });
      return { status: 200, body };
    },
  };
}

function hold(verb: 'pause' | 'resume', summary: string, act: typeof pauseIndex): CommandCall {
  return {
    method: 'post',
    path: `/indexes/{index}/${verb}`,
    operationId: `${verb}Index`,
    summary,
    body: 'IndexHold',
    bodyOptional: true,
    keyed: false,
    answers: INDEX,
    async handle(context, request, person) {
      const index = String(request.params.index);
      const { lane, note } = holdBody(request);
      await act(context, { index, lane }, { actor: person.name, note });
      return { status: 200, body: await readIndexView(context.config, context.ledger, context.queue, index) };
    },
  };
}

function promotion(verb: 'promote' | 'rollback', summary: string): CommandCall {
  return {
    method: 'post',
    path: `/indexes/{index}/${verb}`,
    operationId: `${verb}Index`,
    summary,
    body: 'Promotion',
    bodyOptional: true,
    keyed: true,
    answers: { 201: { description: 'The run that a worker makes of it.', schema: 'Run' } },
    async handle(context, request, person) {
      const { note, ...asked } = promotionBody(request);
      const direction = verb === 'rollback' ? ('back' as const) : ('on' as const);
      const wanted = { index: String(request.params.index), direction, ...asked };
      return keyed(context.ledger, request, person, { ...wanted, note }, (claim) =>
        refusalAsAnswer(async () => {
          const run = await promoteIndex(context, wanted, { actor: person.name, note }, claim);
          return { status: 201, location: `/api/v1/runs/${run.run}`, body: run };
        }),
      );
    },
  };
}

/** A feed that stands is looked at first: sent again sooner, the keys would only wait elsewhere. */
const TOO_MANY_KEYS_SECONDS = 30;

class TooManyKeys extends Error {}

const CHANGES: CommandCall = {
  method: 'post',
  path: '/indexes/{index}/changes',
  operationId: 'requestChanges',
  summary:
    'Tells which keys changed: the next pass of the feed indexes them, or deletes them where their rows are gone.',
  body: 'Changes',
  bodyOptional: false,
  maxBodyBytes: MAX_CHANGES_BYTES,
  keyed: true,
  answers: { 202: { description: 'They are noted, and indexed by the next pass.', schema: 'ChangesAccepted' } },
  async handle(context, request, person) {
    const index = String(request.params.index);
    const keys = changesBody(request, findDefinition(context.config, index).source.key);
    try {
      return await keyed(context.ledger, request, person, { index, keys }, async () => {
        if (!(await requestChanges(context, index, keys, person.name))) throw new TooManyKeys();
        return { status: 202, body: { accepted: keys.length } };
      });
    } catch (error) {
      // Not kept for its key, as no refusal of this call is: sent again later, the same request is right.
      if (!(error instanceof TooManyKeys)) throw error;
      const detail = `${MAX_REQUESTED_KEYS} requested keys of ${index} wait already. Send them again later; GET /api/v1/indexes/${index} says what is wrong with its feed.`;
      const body = { ...problem(429, 'backpressure', detail), reason: 'backpressure' };
      return { status: 429, retryAfterSeconds: TOO_MANY_KEYS_SECONDS, body };
    }
  },
};

/** A refusal is an answer: the same key gives the same one. */
async function refusalAsAnswer(work: () => Promise<CommandAnswer>): Promise<CommandAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const body = problemOf(error);
    return { status: body.status, body };
  }
}

/** The calls that change something. */
export const COMMAND_CALLS: readonly CommandCall[] = [
  {
    method: 'post',
    path: '/runs',
    operationId: 'startRun',
    summary: 'Starts a run now. A refresh or verify without `shard` and range is one run for each shard.',
    body: 'RunRequest',
    bodyOptional: false,
    keyed: true,
    answers: { 201: { description: 'What was started: one run, or the sums of several.', schema: 'RunsStarted' } },
    async handle(context, request, person) {
      const wanted = runBody(request);
      return keyed(context.ledger, request, person, wanted, (claim) =>
        refusalAsAnswer(async () => startedAnswer(await startRuns(context, wanted, person.name, claim))),
      );
    },
  },
  {
    method: 'post',
    path: '/runs/{run}/cancel',
    operationId: 'cancelRun',
    summary: 'Stops a run at its next checkpoints; with `force` at once.',
    body: 'Cancel',
    bodyOptional: true,
    keyed: false,
    answers: RUN,
    async handle(context: CommandContext, request: Request, person): Promise<CommandAnswer> {
      const { force, note } = cancelBody(request);
      const body = await cancel(context, runParameter(request), { actor: person.name, note }, force);
      return { status: 200, body };
    },
  },
  control('pause', 'Holds a run at its next checkpoints.', pauseRun),
  control('resume', 'Releases the holds on this very run.', resumeRun),
  control('retry', 'Runs again only what failed of a failed run.', retry),
  hold(
    'pause',
    'Holds an index, or one lane of it: runs stop at their next checkpoints, ticks are skipped.',
    pauseIndex,
  ),
  hold('resume', 'Releases the holds of exactly this scope.', resumeIndex),
  promotion('promote', 'Makes a generation live whose promotion was refused.'),
  promotion('rollback', 'Makes the generation live again that was live before.'),
  CHANGES,
];

function startedAnswer({ runs, refusals }: RunsStarted): CommandAnswer {
  const [only] = runs;
  if (runs.length === 1 && refusals.length === 0 && only !== undefined) {
    return { status: 201, location: `/api/v1/runs/${only.run}`, body: only };
  }
  const { index, lane } = only ?? { index: '', lane: 'rebuild' };
  const location = `/api/v1/runs?index=${encodeURIComponent(index)}&lane=${lane}`;
  return { status: 201, location, body: { ...sumRuns(runs), runs, refusals } };
}
