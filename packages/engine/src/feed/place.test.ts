import { expect, it } from 'vitest';
import { parsePlace, placeText } from './place.ts';

it.each([
  { cursor: '0 9443 24037', within: null },
  { cursor: '', within: { key: ['no', '"'], after: ['9007199254740993'] } },
])('is kept as a text: %j', (place) => {
  expect(parsePlace(placeText(place))).toEqual(place);
});

it.each(['', '0 9443 24037', 'end'])('is the beginning where it was noted otherwise: %j', (text) => {
  expect(parsePlace(text)).toEqual({ cursor: '', within: null });
});
