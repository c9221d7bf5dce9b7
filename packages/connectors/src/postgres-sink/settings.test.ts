import { describe, expect, it } from 'vitest';
import { resolveSinkSettings } from './settings.ts';

const resolve = (mappings: Record<string, unknown>, settings: Record<string, unknown> = {}) =>
  resolveSinkSettings({ connection: 'search', mappings, settings });

describe('resolveSinkSettings', () => {
  it('has defaults for everything', () => {
    expect(resolve({})).toEqual({ schema: 'public', language: 'simple', fields: null });
  });

  it('reads fields, paths and weights', () => {
    const mappings = { text: ['name', 'address.city'], language: 'german', weights: { name: 'A' } };
    expect(resolve(mappings, { schema: 'search' })).toEqual({
      schema: 'search',
      language: 'german',
      fields: [
        { path: ['name'], weight: 'A' },
        { path: ['address', 'city'], weight: 'D' },
      ],
    });
  });

  it.each([
    [{ text: 'name' }, {}, /sink\.mappings\.text: "name".*\['name', 'address\.city'\]/],
    [{ text: [] }, {}, /sink\.mappings\.text: \[\]/],
    [{ text: ['a..b'] }, {}, /sink\.mappings\.text: "a\.\.b"/],
    [{ text: ['a', 'a'] }, {}, /each field once/],
    [{ language: 7 }, {}, /sink\.mappings\.language: 7.*'english'/],
    [{ text: ['a'], weights: { a: 'E' } }, {}, /sink\.mappings\.weights\.a: "E".*A, B, C, D/],
    [{ text: ['a'], weights: { b: 'A' } }, {}, /sink\.mappings\.weights\.b.*List "b" in mappings\.text/],
    [{ weights: { b: 'A' } }, {}, /List "b" in mappings\.text/],
    [{ weights: ['A'] }, {}, /sink\.mappings\.weights: \["A"\]/],
    [{ properties: {} }, {}, /sink\.mappings\.properties.*text, language, weights/],
    [{}, { schema: 5 }, /sink\.settings\.schema: 5/],
    [{}, { schema: 's'.repeat(64) }, /64 bytes; PostgreSQL keeps 63/],
    [{}, { number_of_shards: 1 }, /sink\.settings\.number_of_shards: 1.*schema/],
  ])('refuses %j with settings %j', (mappings, settings, message) => {
    expect(() => resolve(mappings, settings)).toThrow(message);
  });
});
