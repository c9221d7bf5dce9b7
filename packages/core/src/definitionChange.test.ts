import { describe, expect, it } from 'vitest';
import { type DefinitionParts, definitionChange } from './definitionChange.ts';

const before: DefinitionParts = {
  source: {
    connection: 'shop',
    table: { schema: 'public', name: 'city' },
    query: null,
    key: ['id'],
    columns: null,
    where: null,
    deleted: null,
  },
  sink: { connection: 'search', mappings: { text: ['name'], weights: { name: 2 } }, settings: {} },
  transform: null,
  revision: null,
};
const source = (change: Partial<DefinitionParts['source']>) => ({ source: { ...before.source, ...change } });
const sink = (change: Partial<DefinitionParts['sink']>) => ({ sink: { ...before.sink, ...change } });

describe('definitionChange', () => {
  it.each<[string, Partial<DefinitionParts>, string, readonly string[], boolean]>([
    ['nothing', {}, 'nothing', [], false],
    ['the order of members', sink({ mappings: { weights: { name: 2 }, text: ['name'] } }), 'nothing', [], false],
    ['a transform', { transform: '(row) => row' }, 'refresh', ['transform'], false],
    ['a revision', { revision: '2' }, 'refresh', ['revision'], false],
    ['a filter', source({ where: 'true' }), 'refresh', ['source.where'], false],
    ['mappings', sink({ mappings: {} }), 'rebuild', ['sink.mappings'], false],
    ['another table', source({ table: { schema: 'public', name: 'town' } }), 'rebuild', ['source.table'], true],
    ['another key', source({ key: ['code'] }), 'rebuild', ['source.key'], true],
    [
      'a transform and mappings',
      { transform: 'x', ...sink({ mappings: {} }) },
      'rebuild',
      ['sink.mappings', 'transform'],
      false,
    ],
  ])('%s', (_, change, needs, because, otherRows) => {
    expect(definitionChange(before, { ...before, ...change })).toEqual({ needs, because, otherRows });
  });
});
