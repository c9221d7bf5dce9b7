import { describe, expect, it } from 'vitest';
import { noAbort, type OpenLogged, useFollowed } from './readChanges.ts';
import { numberedRows, rowOf } from './sourceRows.ts';

/** Who holds the watermark back can be named. */
export function transactionCases(open: OpenLogged): void {
  describe('transactions', () => {
    it('that are open and have written are told, the oldest before the others, until they end', () =>
      useFollowed(open, ['integer'], numberedRows(3), async (fixture) => {
        const first = await fixture.begin();
        await first.put([rowOf(['10'])]);
        const second = await fixture.begin();
        await second.put([rowOf(['11'])]);
        // The server has other sessions too.
        const ours = async () =>
          (await fixture.source.transactions(noAbort())).filter(({ pid }) => pid === first.pid || pid === second.pid);
        const found = await ours();
        expect(found.map(({ pid }) => pid)).toEqual([first.pid, second.pid]);
        expect(found[0]).toMatchObject({
          kind: 'session',
          holds: 'watermark',
          database: expect.any(String),
          user: expect.any(String),
          state: expect.any(String),
          grant: null,
        });
        expect(found[0]?.behind).toBeGreaterThan(found[1]?.behind ?? 0);
        expect(found[0]?.ageMs).toBeGreaterThanOrEqual(found[1]?.ageMs ?? 0);
        expect(JSON.stringify(found)).not.toMatch(/insert|delete/i);
        await first.commit();
        expect((await ours()).map(({ pid }) => pid)).toEqual([second.pid]);
        await second.rollback();
        expect(await ours()).toEqual([]);
      }));
  });
}
