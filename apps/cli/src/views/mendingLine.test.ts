import { expect, it } from 'vitest';
import { mendingLine } from './mendingLine.ts';

const found = {
  lane: 'verify',
  index: 'cities',
  run: 7,
  documents: { failed: 0 },
  differences: { missing: 0, extra: 0, stale: 1 },
} as const;

it('mends as deeply as was looked, and no more than was asked for', () => {
  expect(mendingLine(found, { deep: false, shard: null })).toBe('Mend it: reindeer verify cities --repair');
  expect(mendingLine(found, { deep: true, shard: 3 })).toBe(
    'Mend it: reindeer verify cities --deep --repair --shard 3',
  );
});

it('says nothing where nothing differs, or where it was mended', () => {
  const asked = { deep: false, shard: null };
  expect(mendingLine({ ...found, differences: { missing: 0, extra: 0, stale: 0 } }, asked)).toBeNull();
  expect(mendingLine({ ...found, lane: 'refresh' }, asked)).toBeNull();
});

it('does not call mended what was refused', () => {
  const refused = { ...found, lane: 'refresh', documents: { failed: 1 } } as const;
  const asked = { deep: false, shard: null };
  expect(mendingLine(refused, asked)).toBe('Not all of it could be mended: 1 document refused. Why: reindeer show 7');
  expect(mendingLine({ ...refused, run: null }, asked)).toContain('reindeer status cities');
});
