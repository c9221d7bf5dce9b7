import { describe, expect, it } from 'vitest';
import { noAbort, type OpenLogged, readChanges, useFollowed } from './readChanges.ts';
import { numberedRows, rowOf } from './sourceRows.ts';

/** What a log alone can tell: that it does not have everything. */
export function logCases(open: OpenLogged): void {
  describe('changes in a log', () => {
    it('of a table that was emptied at once are a refresh that is owed', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['6'])]);
        await fixture.truncate();
        const seen = await readChanges(fixture, [position]);
        expect(seen.refreshOwed).toEqual(['page']);
        expect(seen.ids).toEqual(['6']);
        expect((await readChanges(fixture, [seen.upTo])).refreshOwed).toEqual([]);
      }));

    it('that no trigger saw are told, until they are installed again; positions of before then have no log', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await fixture.unseen(() => fixture.put([rowOf(['1'], 'unseen')]));
        await expect(readChanges(fixture, [position])).rejects.toMatchObject({ reason: 'triggers-changed' });
        await expect(fixture.source.position(noAbort())).rejects.toMatchObject({ reason: 'triggers-changed' });
        await fixture.install();
        await expect(readChanges(fixture, [position])).rejects.toMatchObject({
          reason: 'changes-pruned',
          cause: { reason: 'triggers-changed' },
        });
        const later = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['2'], 'seen')]);
        expect((await readChanges(fixture, [later])).ids).toEqual(['2']);
      }));
  });
}
