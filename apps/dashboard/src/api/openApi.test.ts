import { expect, it } from 'vitest';
import { CALLS } from './calls.ts';
import { openApi } from './openApi.ts';
import { SCHEMAS } from './schemas.ts';

it('describes each call, with each parameter of its path', () => {
  const paths = openApi().paths as Record<
    string,
    { get: { operationId: string; parameters: { name: string; schema: unknown }[] } }
  >;
  expect(Object.keys(paths).sort()).toEqual(CALLS.map((call) => call.path).sort());
  for (const [path, { get }] of Object.entries(paths)) {
    for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
      expect(get.parameters.find((parameter) => parameter.name === name)?.schema).toBeDefined();
    }
  }
});

it('has no reference to nowhere', () => {
  const references = [...JSON.stringify(openApi()).matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1]);
  expect(references.length).toBeGreaterThan(10);
  for (const name of references) expect(Object.keys(SCHEMAS)).toContain(name);
});
