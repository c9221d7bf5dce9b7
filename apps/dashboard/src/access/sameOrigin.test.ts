import { expect, it } from 'vitest';
import { isSameOrigin } from './sameOrigin.ts';

it.each([
  [true, { 'sec-fetch-site': 'same-origin', origin: 'https://dash.example' }],
  [true, { 'sec-fetch-site': 'same-origin' }],
  [true, { origin: 'http://dash.example' }],
  [false, {}],
  [false, { origin: 'null' }],
  [false, { origin: 'https://evil.example' }],
  [false, { origin: 'https://dash.example.evil.example' }],
  [false, { origin: 'https://dash.example:8443' }],
  [false, { 'sec-fetch-site': 'cross-site', origin: 'https://dash.example' }],
  [false, { 'sec-fetch-site': 'same-site' }],
  [false, { 'sec-fetch-site': 'none' }],
  [false, { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
])('%s: %j', (expected, headers) => {
  expect(isSameOrigin(headers, 'dash.example')).toBe(expected);
});
