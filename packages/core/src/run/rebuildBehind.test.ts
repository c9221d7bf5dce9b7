import { expect, it } from 'vitest';
import { rebuildBehind } from './rebuildBehind.ts';

it('says which rebuild will replace what a person makes live now, and how it is kept from that', () => {
  const feed = { run: 3, lane: 'incremental', generation: null } as const;
  expect(rebuildBehind([feed])).toBeNull();
  expect(rebuildBehind([feed, { run: 70, lane: 'rebuild', generation: 'cities_g4_8203' }])).toBe(
    'Run 70, a rebuild, is under way and makes cities_g4_8203 live when it is done. Where that is not wanted: `reindeer cancel 70`.',
  );
  expect(rebuildBehind([{ run: 71, lane: 'rebuild', generation: null }])).toContain('makes its generation live');
});
