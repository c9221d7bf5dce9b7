import { describe, expect, it } from 'vitest';
import { didYouMean, nearestName } from './suggest.ts';

describe('nearestName', () => {
  it.each([
    ['citty', ['country', 'city'], 'city'],
    ['City', ['city'], 'city'],
    ['public.citys', ['public.city', 'public.cities'], 'public.city'],
    ['population', ['id', 'name'], null],
    ['id', ['ID', 'uid'], 'ID'],
    ['nmae', ['tenant', 'name'], 'name'],
    ['x', [], null],
  ])('%s among %j is %s', (written, names, nearest) => {
    expect(nearestName(written, names)).toBe(nearest);
  });
});

it('ends the sentence either way', () => {
  expect(didYouMean('nane', ['name'])).toBe('. Did you mean "name"?');
  expect(didYouMean('zzz', ['name'])).toBe('.');
});
