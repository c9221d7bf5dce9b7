import { LANES } from '@reindeer/core';
import { CALLS, type Call } from './calls.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from './parameters.ts';
import { SCHEMAS, type Schema } from './schemas.ts';

const QUERY: Readonly<Record<Call['query'][number], { readonly description: string; readonly schema: Schema }>> = {
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
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reindeer',
      version: '1',
      description: 'Reads runs and indexes. Sign in at `/sign-in`; the session cookie signs the calls in.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ session: [] }],
    paths: Object.fromEntries(CALLS.map((call) => [call.path, { get: operation(call) }])),
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'reindeer_session' } },
      schemas: SCHEMAS,
    },
  };
}

function operation(call: Call): Record<string, unknown> {
  const inPath = [...call.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return {
    operationId: call.operationId,
    summary: call.summary,
    parameters: [
      ...inPath.map((name) => ({ name, in: 'path', required: true, schema: PATH[name] })),
      ...call.query.map((name) => ({ name, in: 'query', ...QUERY[name] })),
    ],
    responses: {
      200: {
        description: 'The answer.',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${call.answer}` } } },
      },
      default: {
        description: 'A problem document; `code` is stable.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}
