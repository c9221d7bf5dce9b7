import { expect, test } from 'vitest';
import { differingPackages } from './differingPackages.mjs';

const wanted = {
  packages: {
    '': { version: '1.0.0' },
    'packages/core': { version: '0.1.0' },
    'node_modules/@reindeer/core': { link: true },
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/binaries-for-macs': { version: '1.0.0', optional: true },
  },
};
const installed = (changes) => ({
  packages: { 'node_modules/@reindeer/core': { link: true }, 'node_modules/pg': { version: '8.0.0' }, ...changes },
});

const all = () => true;

test.each([
  ['nothing, when all is there but what is optional', installed({}), []],
  ['everything, when nothing is installed', null, ['node_modules/@reindeer/core', 'node_modules/pg']],
  ['another version', installed({ 'node_modules/pg': { version: '7.9.0' } }), ['node_modules/pg']],
  [
    'another version of something optional',
    installed({ 'node_modules/binaries-for-macs': { version: '0.9.0' } }),
    ['node_modules/binaries-for-macs'],
  ],
])('finds %s', (_, found, expected) => {
  expect(differingPackages(wanted, found, all)).toEqual(expected);
});

test('finds what was removed by hand', () => {
  const exists = (at) => at !== 'node_modules/pg';
  expect(differingPackages(wanted, installed({}), exists)).toEqual(['node_modules/pg']);
});
