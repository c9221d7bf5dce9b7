import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Key, type KeyRange, WHOLE_RANGE } from '../key.ts';
import { contiguousRanges } from './ranges.ts';

/** A source's order that is not JavaScript's: by the second column, descending, then by the first, as numbers. */
const compare = (a: Key, b: Key): number => Number(b[1]) - Number(a[1]) || Number(a[0]) - Number(b[0]);
const holds = ({ after, upTo }: KeyRange, key: Key): boolean =>
  (after === null || compare(after, key) < 0) && (upTo === null || compare(key, upTo) <= 0);

const key = fc
  .tuple(fc.integer({ min: -9, max: 99 }), fc.integer({ min: -3, max: 3 }))
  .map((parts) => parts.map(String));
const ascending = fc
  .uniqueArray(key, { maxLength: 24, selector: (one) => one.join() })
  .map((all) => [...all].sort(compare));

const cutInto = (range: KeyRange, bounds: readonly Key[]) => Array.fromAsync(contiguousRanges(range, bounds));

describe('contiguousRanges', () => {
  it('puts every key of the range into exactly one piece, and no other key into any, for any bounds', async () => {
    const cut = fc.record({ keys: ascending, from: fc.boolean(), to: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(cut, fc.array(key, { minLength: 1, maxLength: 20 }), async ({ keys, from, to }, probes) => {
        const range = {
          after: from ? (keys[0] ?? null) : null,
          upTo: to && keys.length > 1 ? (keys.at(-1) ?? null) : null,
        };
        const bounds = keys.filter((one) => one !== range.after && one !== range.upTo);
        const pieces = await cutInto(range, bounds);
        expect(pieces).toHaveLength(bounds.length + 1);
        for (const probe of [...probes, ...keys]) {
          expect(pieces.filter((piece) => holds(piece, probe))).toHaveLength(holds(range, probe) ? 1 : 0);
        }
      }),
    );
  });

  it('begins each piece where the one before it ends', async () => {
    expect(await cutInto({ after: ['1'], upTo: null }, [['5'], ['9']])).toEqual([
      { after: ['1'], upTo: ['5'] },
      { after: ['5'], upTo: ['9'] },
      { after: ['9'], upTo: null },
    ]);
    expect(await cutInto(WHOLE_RANGE, [])).toEqual([WHOLE_RANGE]);
  });

  it.each<[KeyRange, Key[]]>([
    [WHOLE_RANGE, [['5'], ['5']]],
    [WHOLE_RANGE, [['5'], ['9'], ['5']]],
    [{ after: ['5'], upTo: null }, [['5']]],
  ])('refuses a bound that comes twice (case %#)', async (range, bounds) => {
    await expect(cutInto(range, bounds)).rejects.toThrow('["5"] comes twice');
  });

  it('tells keys apart by their columns', async () => {
    expect(await cutInto(WHOLE_RANGE, [['a,b'], ['a', 'b']])).toHaveLength(3);
  });

  it('cuts nothing off at its own end', async () => {
    const range = { after: ['1'], upTo: ['9'] };
    expect(await cutInto(range, [['5'], ['9']])).toEqual(await cutInto(range, [['5']]));
  });
});
