import { RefusedError, type RunView } from '@reindeer/core';
import { sumRuns } from '@reindeer/ledger';
import type { Request } from 'express';
import type { CommandContext } from '../commands/commandContext.ts';
import { pauseIndex, resumeIndex } from '../commands/controlIndexes.ts';
import { type By, cancel, pauseRun, resumeRun, retry } from '../commands/controlRuns.ts';
import { findDefinition } from '../commands/findDefinition.ts';
import { type RunsStarted, startRuns } from '../commands/startRuns.ts';
import type { CommandAnswer, CommandCall } from './call.ts';
import { cancelBody, holdBody, noteBody, runBody } from './commandBody.ts';
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

/** In the contract, and not built yet: better said than answered with "no such route". */
function later(verb: 'promote' | 'rollback' | 'changes', summary: string): CommandCall {
  return {
    method: 'post',
    path: `/indexes/{index}/${verb}`,
    operationId: `${verb}Index`,
    summary: `${summary} Not built yet: answers 501, \`not-built\`.`,
    body: null,
    bodyOptional: true,
    keyed: false,
    answers: {},
    async handle({ config }, request) {
      findDefinition(config, String(request.params.index));
      return { status: 501, body: problem(501, 'not-built', `This version cannot ${verb} over HTTP yet.`) };
    },
  };
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
      return keyed(context.ledger, request, person, wanted, async (claim) => {
        try {
          return startedAnswer(await startRuns(context, wanted, person.name, claim));
        } catch (error) {
          // A refusal is an answer: the same key gives the same one.
          if (!(error instanceof RefusedError)) throw error;
          const body = problemOf(error);
          return { status: body.status, body };
        }
      });
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
  later('promote', 'Makes another generation live.'),
  later('rollback', 'Makes the previous generation live again.'),
  later('changes', 'Tells which keys changed.'),
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
