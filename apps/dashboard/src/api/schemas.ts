import { CHANGES_MODES, LANES, RUN_PHASES, RUN_STATUSES } from '@reindeer/core';
import { MAX_CHANGES } from './changesBody.ts';

/** The part of JSON Schema that the answers need. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly description?: string;
  readonly enum?: readonly (string | null)[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

const text: Schema = { type: 'string' };
const textOrNull: Schema = { type: ['string', 'null'] };
const count: Schema = { type: 'integer', minimum: 0 };
const countOrNull: Schema = { type: ['integer', 'null'], minimum: 0 };
const builtWith = {
  ...countOrNull,
  description: 'Documents that it held when it was built; what came and went since is not counted.',
};
const numberOrNull: Schema = { type: ['number', 'null'] };
const yes: Schema = { type: 'boolean' };
const moment: Schema = { type: 'string', format: 'date-time' };
const momentOrNull: Schema = { type: ['string', 'null'], format: 'date-time' };
const lane: Schema = { type: 'string', enum: LANES };
const key: Schema = { type: ['array', 'null'], items: text };

/** Everything is there always; what is not known is null. */
function object(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function list(of: string): Schema {
  return { type: 'array', items: { $ref: `#/components/schemas/${of}` } };
}

const tally = {
  read: count,
  written: count,
  unchanged: count,
  superseded: count,
  filtered: count,
  deleted: count,
  failed: count,
  orphans: count,
};
const next: Schema = {
  ...countOrNull,
  description: 'Give it as `after` for the next page; null: this page is the last.',
};

/** A body: what is not required may be left out. */
function body(properties: Record<string, Schema>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const note: Schema = { type: ['string', 'null'], description: 'Why, for those who find it so.' };
const keyGiven: Schema = {
  oneOf: [text, { type: 'array', items: text }, { type: 'null' }],
  description: 'A key as text, or a list of texts for a key of several columns. Numbers as texts too.',
};
const laneOrNull: Schema = { type: ['string', 'null'], enum: [...LANES, null] };

const run = {
  run: { ...countOrNull, description: 'null: several runs as one.' },
  index: text,
  lane,
  shard: { ...countOrNull, description: 'null: the whole index.' },
  state: { $ref: '#/components/schemas/RunState' },
  reason: textOrNull,
  error: textOrNull,
  waitsFor: {
    oneOf: [object({ reason: text, detail: text }), { type: 'null' }],
    description: 'What keeps it, when it was last asked; null: nothing, or it has ended.',
  },
  generation: textOrNull,
  trigger: text,
  asked: {
    oneOf: [
      object({
        by: text,
        note: textOrNull,
        force: { ...yes, description: 'A promotion passes its gates; a refresh writes every row.' },
      }),
      { type: 'null', description: 'No person started it.' },
    ],
  },
  caughtUp: yes,
  documents: object({ ...tally, expected: countOrNull, expectedExact: yes }),
  differences: object({ missing: count, extra: count, stale: count }),
  slices: object({ total: count, completed: count, failed: count }),
  progress: { type: 'number', minimum: 0, maximum: 1 },
  etaMs: numberOrNull,
  elapsedMs: { type: 'number', minimum: 0 },
  documentsPerSecond: { type: 'number', minimum: 0 },
  createdAt: moment,
  startedAt: momentOrNull,
  finishedAt: momentOrNull,
};

/** The answers of the API, and what it is sent. */
export const SCHEMAS = {
  RunState: { type: 'string', enum: [...RUN_STATUSES, ...RUN_PHASES] },
  Run: object(run),
  RunRequest: body(
    {
      index: text,
      lane: { ...lane, description: 'rebuild where it is not given.' },
      shard: { ...countOrNull, description: 'Of a refresh or verify: this shard alone.' },
      after: { ...keyGiven, description: 'Exclusive.' },
      upTo: { ...keyGiven, description: 'Inclusive.' },
      force: { ...yes, description: 'A refresh rewrites everything.' },
      deep: { ...yes, description: 'A verify or refresh transforms every row again, and compares the bodies too.' },
      adopt: { ...yes, description: "The swap may remove an ordinary index that has the alias's name." },
    },
    ['index'],
  ),
  RunsStarted: {
    oneOf: [{ $ref: '#/components/schemas/Run' }, object({ ...run, runs: list('Run'), refusals: list('Refusal') })],
  },
  Refusal: object({ shard: countOrNull, reason: text, detail: text, run: countOrNull }),
  Cancel: body({ force: { ...yes, description: 'Wait for nobody who works on it.' }, note }),
  Note: body({ note }),
  IndexHold: body({ lane: { ...laneOrNull, description: 'null: every lane.' }, note }),
  Promotion: body({
    generation: { type: ['string', 'null'], description: 'Its name or number; null: the one that is meant as a rule.' },
    force: { ...yes, description: 'Passes the gates: what is made live may lack changes. Only with a note.' },
    note,
  }),
  Changes: body(
    {
      keys: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_CHANGES,
        items: {
          oneOf: [text, { type: 'array', items: text }],
          description: 'A text, or a list of texts for a key of several columns. Numbers as texts too.',
        },
      },
    },
    ['keys'],
  ),
  ChangesAccepted: object({ accepted: count }),
  RunPage: object({ runs: list('Run'), next }),
  Slice: object({
    number: count,
    shard: { type: 'integer' },
    work: {
      type: 'string',
      enum: ['rows', 'ids', 'changes', 'digest'],
      description:
        "What it goes through: the source's rows, the sink's ids, changes, or digests of both and then what differs.",
    },
    after: { ...key, description: 'Exclusive; null: from the first key.' },
    upTo: { ...key, description: 'Inclusive; null: to the last key.' },
    state: { type: 'string', enum: ['queued', 'running', 'completed', 'failed', 'cancelled'] },
    cursor: { ...key, description: 'The last key durably applied.' },
    documents: object(tally),
    estimate: count,
    attempts: count,
    delivery: count,
    owner: textOrNull,
    startedAt: momentOrNull,
    progressedAt: momentOrNull,
    finishedAt: momentOrNull,
    error: textOrNull,
    notBefore: momentOrNull,
  }),
  SlicePage: object({ slices: list('Slice'), next }),
  Failure: object({
    failure: count,
    run: count,
    slice: count,
    index: text,
    generation: textOrNull,
    document: text,
    reason: text,
    detail: text,
    fingerprint: { type: 'string', description: 'The same for failures of the same cause.' },
    failedAt: moment,
  }),
  FailurePage: object({ failures: list('Failure'), next }),
  Generation: object({
    name: text,
    number: count,
    state: { type: 'string', enum: ['building', 'live', 'retained', 'dropping', 'dropped', 'failed'] },
    run: count,
    epoch: countOrNull,
    documents: builtWith,
    createdAt: moment,
    settledAt: { ...momentOrNull, description: 'When it was built to its end.' },
    promotedAt: momentOrNull,
    retiredAt: momentOrNull,
    droppedAt: momentOrNull,
    refusedReason: { ...textOrNull, description: 'Why its promotion was refused, or its run failed.' },
    staleReason: { ...textOrNull, description: 'Why it is not kept current any more; a rollback to it is refused.' },
    soakUntil: { ...momentOrNull, description: 'Until when it is kept current, so that it can be rolled back to.' },
  }),
  Soaking: object({
    generation: text,
    number: count,
    until: moment,
    secondsLeft: { type: 'number', minimum: 0 },
  }),
  Hold: object({
    hold: count,
    index: textOrNull,
    lane: { ...lane, type: ['string', 'null'], enum: [...LANES, null] },
    run: countOrNull,
    reason: text,
    actor: text,
    note: textOrNull,
    createdAt: moment,
  }),
  Decision: object({
    lane,
    shard: countOrNull,
    outcome: { type: 'string', enum: ['started', 'skipped'] },
    reason: textOrNull,
    run: countOrNull,
    count,
    firstTickAt: moment,
    lastTickAt: moment,
    decidedAt: moment,
  }),
  Schedule: object({
    lane,
    shard: countOrNull,
    everyMs: numberOrNull,
    cron: textOrNull,
    timezone: textOrNull,
    nextAt: momentOrNull,
  }),
  Index: object({
    index: text,
    configured: yes,
    live: {
      oneOf: [
        object({ name: text, number: count, documents: builtWith, promotedAt: momentOrNull, caughtUp: yes }),
        { type: 'null' },
      ],
    },
    definitionChange: {
      oneOf: [
        object({
          needs: { type: 'string', enum: ['refresh', 'rebuild'] },
          because: { type: 'array', items: text, description: 'What changed, by its place; empty: not known.' },
        }),
        { type: 'null', description: 'What is live is of the definition that is applied, or nothing is live.' },
      ],
    },
    generations: list('Generation'),
    lastIndexedAt: momentOrNull,
    freshnessSeconds: numberOrNull,
    openRuns: list('Run'),
    lastRuns: list('Run'),
    holds: list('Hold'),
    decisions: list('Decision'),
    changes: { type: 'string', enum: CHANGES_MODES },
    feed: {
      oneOf: [
        object({
          run: countOrNull,
          state: { type: 'string', enum: ['follows', 'begins', 'stands'] },
          reason: textOrNull,
          detail: { ...textOrNull, description: 'What is wrong; null while it follows.' },
          requestedKeys: { ...count, description: 'Keys that wait to be indexed; 100,000 may be more.' },
        }),
        { type: 'null', description: 'Neither changes nor requested keys are followed.' },
      ],
    },
    lagSeconds: { ...numberOrNull, description: 'How far the feed is behind the source for what is live.' },
    soaking: list('Soaking'),
    owedRefreshes: count,
    refusedLately: {
      oneOf: [
        object({
          documents: { ...count, description: '1,000 may be more.' },
          run: { ...count, description: 'The last one that could not write one.' },
          lastAt: moment,
        }),
        { type: 'null', description: 'Nothing of what is live was refused within the last hour.' },
      ],
    },
    schedules: { oneOf: [list('Schedule'), { type: 'null', description: 'The queue does not answer.' }] },
  }),
  IndexList: object({ indexes: list('Index') }),
  Problem: {
    type: 'object',
    description: 'RFC 9457',
    properties: {
      type: text,
      title: text,
      status: count,
      code: text,
      detail: text,
      reason: text,
      refusals: { ...list('Refusal'), description: 'Where several runs were asked for.' },
    },
    required: ['type', 'title', 'status', 'code', 'detail'],
    additionalProperties: false,
  },
} as const satisfies Record<string, Schema>;
