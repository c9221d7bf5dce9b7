import { LANES } from '@reindeer/core';
import type { Call, CommandCall, QueryName, ReadCall, SchemaName } from './call.ts';
import { CALLS } from './calls.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from './parameters.ts';
import { SCHEMAS, type Schema } from './schemas.ts';

const QUERY: Readonly<Record<QueryName, { readonly description: string; readonly schema: Schema }>> = {
  index: { description: 'Only of this index.', schema: { type: 'string' } },
  lane: { description: 'Only of this lane.', schema: { type: 'string', enum: LANES } },
  state: { description: 'Only in this state.', schema: { $ref: '#/components/schemas/RunState' } },
  after: { description: 'The `next` of the page before.', schema: { type: 'integer', minimum: 0 } },
  limit: {
    description: 'Rows at most.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
  },
};

const PATH: Readonly<Record<string, Schema>> = {
  run: { type: 'integer', minimum: 1 },
  index: { type: 'string' },
};

/** The API's description, made from the very list that the routes are made from. */
export function openApi(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const call of CALLS) {
    paths[call.path] = { ...paths[call.path], [call.method]: call.method === 'get' ? reading(call) : acting(call) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reindeer',
      version: '1',
      description:
        'Runs and indexes. Sign in at `/sign-in` (a form: `name`, `password`); the session cookie signs the calls in. Viewers read, operators also act.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ session: [] }],
    paths,
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'reindeer_session' } },
      schemas: SCHEMAS,
    },
  };
}

function reading(call: ReadCall): Record<string, unknown> {
  return {
    operationId: call.operationId,
    summary: call.summary,
    parameters: [...inPath(call), ...call.query.map((name) => ({ name, in: 'query', ...QUERY[name] }))],
    responses: { 200: answer('The answer.', call.answer), default: PROBLEM },
  };
}

function acting(call: CommandCall): Record<string, unknown> {
  const answers = Object.entries(call.answers).map(([status, { description, schema }]) => [
    status,
    answer(description, schema),
  ]);
  return {
    operationId: call.operationId,
    summary: call.summary,
    description: 'For operators.',
    parameters: [...inPath(call), ...(call.keyed ? [IDEMPOTENCY_KEY] : [])],
    ...(call.body === null ? {} : { requestBody: { required: !call.bodyOptional, content: json(call.body) } }),
    responses: { ...Object.fromEntries(answers), ...REFUSALS, default: PROBLEM },
  };
}

function inPath({ path }: Call): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: PATH[name],
  }));
}

function answer(description: string, schema: SchemaName) {
  return { description, content: json(schema) };
}

function json(schema: SchemaName) {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
}

function problems(description: string) {
  return { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
}

const PROBLEM = problems('A problem document; `code` is stable.');
const REFUSALS = {
  403: problems('`operators-only`: a viewer is signed in. `cross-site`: another site sent it.'),
  409: problems('Refused; `reason` says why.'),
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Sent again with the same key within 7 days it starts nothing and gets the first answer; with another body it is refused (422, `idempotency-key-reused`).',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
