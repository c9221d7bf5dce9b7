import type { ResolvedConfig } from '@reindeer/config';
import { type Ledger, listFailures, listRuns, listSlices, readRun } from '@reindeer/ledger';
import type { TaskQueue } from '@reindeer/queue';
import type { Request } from 'express';
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

export interface CallContext {
  readonly config: ResolvedConfig;
  readonly ledger: Ledger;
  readonly queue: TaskQueue;
}

/** One call of the HTTP API: what serves it and what `openapi.json` says of it. */
export interface Call {
  /** Below `/api/v1`, in OpenAPI's form. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  /** Names of query parameters; their schemas are in `openApi.ts`. */
  readonly query: readonly ('index' | 'lane' | 'state' | 'after' | 'limit')[];
  /** The name of the answer's schema in `schemas.ts`. */
  readonly answer: 'RunPage' | 'Run' | 'SlicePage' | 'FailurePage' | 'IndexList' | 'Index';
  readonly handle: (context: CallContext, request: Request) => Promise<unknown>;
}

export const CALLS: readonly Call[] = [
  {
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
    path: '/runs/{run}',
    operationId: 'readRun',
    summary: 'One run.',
    query: [],
    answer: 'Run',
    handle: ({ ledger }, request) => requireRun(ledger, runParameter(request)),
  },
  {
    path: '/runs/{run}/slices',
    operationId: 'listSlices',
    summary: 'The slices of a run, in key order.',
    query: ['after', 'limit'],
    answer: 'SlicePage',
    async handle({ ledger }, request) {
      const limit = limitParameter(request);
      const run = runParameter(request);
      await requireRun(ledger, run);
      const slices = await listSlices(ledger, run, { after: afterParameter(request), limit });
      return { slices, next: slices.length < limit ? null : (slices.at(-1)?.number ?? null) };
    },
  },
  {
    path: '/runs/{run}/failures',
    operationId: 'listFailures',
    summary: 'Documents that were refused in a run, newest first.',
    query: ['after', 'limit'],
    answer: 'FailurePage',
    async handle({ ledger }, request) {
      const limit = limitParameter(request);
      const run = runParameter(request);
      await requireRun(ledger, run);
      const failures = await listFailures(ledger, { run, after: afterParameter(request), limit });
      return { failures, next: failures.length < limit ? null : (failures.at(-1)?.failure ?? null) };
    },
  },
  {
    path: '/indexes',
    operationId: 'listIndexes',
    summary: 'Every index: freshness, generations, runs, schedules, holds.',
    query: [],
    answer: 'IndexList',
    handle: async ({ config, ledger, queue }) => ({ indexes: await readIndexViews(config, ledger, queue) }),
  },
  {
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

async function requireRun(ledger: Ledger, run: number) {
  const view = await readRun(ledger, run);
  if (view === null) throw new NotFound('no-such-run', `There is no run ${run}: it never was, or was pruned.`);
  return view;
}
