import fc from 'fast-check';
import { expect, it } from 'vitest';
import { localPath } from './localPath.ts';

it.each(['/', '/queues', '/queues/queue/cities.bulk?status=failed', '/runs/12#slices', '/a//b'])('keeps %s', (path) => {
  expect(localPath(path)).toBe(path);
});

it.each([
  undefined,
  null,
  12,
  ['/queues'],
  '',
  'queues',
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/a\\..\\..//evil.example',
  '/..//evil.example',
  '/.//evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'javascript:alert(1)',
  '/sign-in?next=/sign-in',
  '/sign-out',
])('refuses %j', (path) => {
  expect(localPath(path)).toBe('/');
});

it('never leads to another server', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '..',
    '.',
    '//',
    'evil.example',
    '@',
    ':',
    '\t',
    '%2f',
    '?',
    '#',
    'a',
    'http:',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const base = 'https://dashboard.example';
      expect(new URL(localPath(pieces.join('')), base).origin).toBe(base);
    }),
  );
});
