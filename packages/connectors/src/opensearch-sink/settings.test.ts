import { InputError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { resolveSinkSettings } from './settings.ts';

const resolve = (mappings: Record<string, unknown>, settings: Record<string, unknown> = {}) =>
  resolveSinkSettings({ connection: 'search', mappings, settings });

describe('resolveSinkSettings', () => {
  it('adds the stamp to the mappings, and keeps the rest as it is', () => {
    const { mappings } = resolve({ dynamic: 'strict', properties: { a: { type: 'text' } }, _meta: { owner: 'us' } });
    expect(mappings).toMatchObject({
      dynamic: 'strict',
      _meta: { owner: 'us' },
      properties: { a: { type: 'text' }, _reindeer: { dynamic: false, properties: { t: { type: 'long' } } } },
    });
  });

  it('knows a setting however it was written, and sets aside what slows loading', () => {
    const given = {
      index: { refresh_interval: '5s', 'sort.field': ['a'] },
      number_of_replicas: 2,
      analysis: { x: { y: 1 } },
    };
    expect(resolve({}, given)).toMatchObject({
      settings: { 'index.sort.field': ['a'], 'index.analysis.x.y': 1 },
      restored: { 'index.refresh_interval': '5s', 'index.number_of_replicas': 2 },
    });
    expect(resolve({}).restored).toEqual({ 'index.refresh_interval': null, 'index.number_of_replicas': null });
    expect(resolve({}, { auto_expand_replicas: '0-1' }).restored).toMatchObject({
      'index.auto_expand_replicas': '0-1',
    });
  });

  it.each([
    [{ properties: { _reindeer: { type: 'text' } } }, {}, /sink\.mappings\.properties\._reindeer .*another name/],
    [{ properties: [] }, {}, /sink\.mappings\.properties is no object/],
    [{ _meta: { reindeer: 1 } }, {}, /sink\.mappings\._meta\.reindeer/],
    [{ _routing: { required: true } }, {}, /sink\.mappings\._routing\.required/],
    [{ _source: { enabled: false } }, {}, /sink\.mappings\._source\.enabled/],
    [{ _source: { includes: ['a'] } }, {}, /sink\.mappings\._source\.includes/],
    [{ _source: { excludes: ['*'] } }, {}, /sink\.mappings\._source\.excludes/],
    [{}, { gc_deletes: '1s' }, /sink\.settings\.index\.gc_deletes is 1h/],
    [{}, { index: { blocks: { write: true } } }, /sink\.settings\.index\.blocks\.write/],
    [{}, { 'index.translog.durability': 'ASYNC' }, /sink\.settings\.index\.translog\.durability loses acknowledged/],
    [{}, { routing_partition_size: 2 }, /sink\.settings\.index\.routing_partition_size/],
  ])('refuses %j with settings %j', (mappings, settings, message) => {
    expect(() => resolve(mappings, settings)).toThrow(InputError);
    expect(() => resolve(mappings, settings)).toThrow(message);
  });
});
