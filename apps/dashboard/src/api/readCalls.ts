import { listFailures, listRuns, listSlices } from '@reindeer/ledger';
import { findRun } from '../commands/findRun.ts';
import type { ReadCall } from './call.ts';
import { readIndexView, readIndexViews } from './indexView.ts';
import { NotFound } from './NotFound.ts';
import {
  afterParameter,
  indexParameter,
  laneParameter,
  limitParameter,
  runParameter,
  stateParameter,
} from './parameters.ts';

/** The calls that only read. */
export const READ_CALLS: readonly ReadCall[] = [
  {
    method: 'get',
    path: '/runs',
    operationId: 'listRuns',
    summary: 'Runs, newest first.',
    query: ['index', 'lane', 'state', 'after', 'limit'],
    answer: 'RunPage',
    async handle({ ledger }, request) {
      const limit = limitParameter(request);
      const runs = await listRuns(ledger, {
        index: indexParameter(request),
        lane: laneParameter(request),
        state: stateParameter(request),
        after: afterParameter(request),
        limit,
      });
      return { runs, next: runs.length < limit ? null : (runs.at(-1)?.run ?? null) };
    },
  },
  {
    method: 'get',
    path: '/runs/{run}',
    operationId: 'readRun',
    summary: 'One run.',
    query: [],
    answer: 'Run',
    handle: ({ ledger }, request) => findRun(ledger, runParameter(request)),
  },
  {
    method: 'get',
    path: '/runs/{run}/slices',
    operationId: 'listSlices',
    summary: 'The slices of a run, in key order.',
    query: ['after', 'limit'],
    answer: 'SlicePage',
    async handle({ ledger }, request) {
      const limit = limitParameter(request);
      const run = runParameter(request);
      await findRun(ledger, run);
      const slices = await listSlices(ledger, run, { after: afterParameter(request), limit });
      return { slices, next: slices.length < limit ? null : (slices.at(-1)?.number ?? null) };
    },
  },
  {
    method: 'get',
    path: '/runs/{run}/failures',
    operationId: 'listFailures',
    summary: 'Documents that were refused in a run, newest first.',
    query: ['after', 'limit'],
    answer: 'FailurePage',
    async handle({ ledger }, request) {
      const limit = limitParameter(request);
      const run = runParameter(request);
      await findRun(ledger, run);
      const failures = await listFailures(ledger, { run, after: afterParameter(request), limit });
      return { failures, next: failures.length < limit ? null : (failures.at(-1)?.failure ?? null) };
    },
  },
  {
    method: 'get',
    path: '/indexes',
    operationId: 'listIndexes',
    summary: 'Every index: freshness, generations, runs, schedules, holds.',
    query: [],
    answer: 'IndexList',
    handle: async ({ config, ledger, queue }) => ({ indexes: await readIndexViews(config, ledger, queue) }),
  },
  {
    method: 'get',
    path: '/indexes/{index}',
    operationId: 'readIndex',
    summary: 'One index.',
    query: [],
    answer: 'Index',
    async handle({ config, ledger, queue }, request) {
      const name = String(request.params.index);
      const view = await readIndexView(config, ledger, queue, name);
      if (view === null)
        throw new NotFound('no-such-index', `There is no index "${name}". GET /api/v1/indexes lists them.`);
      return view;
    },
  },
];
