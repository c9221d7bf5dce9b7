import { expect, it } from 'vitest';
import { CALLS } from './calls.ts';
import { openApi } from './openApi.ts';
import { SCHEMAS } from './schemas.ts';

it('describes each call, with each parameter of its path', () => {
  const paths = openApi().paths as Record<
    string,
    Record<string, { operationId: string; parameters: { name: string; schema: unknown }[] }>
  >;
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((one) => `${one} ${path}`),
  );
  expect(described.sort()).toEqual(CALLS.map((call) => `${call.method} ${call.path}`).sort());
  for (const [path, methods] of Object.entries(paths)) {
    for (const { parameters } of Object.values(methods)) {
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
        expect(parameters.find((parameter) => parameter.name === name)?.schema).toBeDefined();
      }
    }
  }
});

it('gives each call a name of its own', () => {
  expect(new Set(CALLS.map(({ operationId }) => operationId)).size).toBe(CALLS.length);
});

it('has no reference to nowhere', () => {
  const references = [...JSON.stringify(openApi()).matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1]);
  expect(references.length).toBeGreaterThan(10);
  for (const name of references) expect(Object.keys(SCHEMAS)).toContain(name);
});
