import { describe, expect, it } from 'vitest';
import type { Position } from '../source.ts';
import { drain, noAbort, type OpenLogged, passOf, readChanges, useFollowed } from './readChanges.ts';
import type { LoggedFixture } from './sourceHarness.ts';
import { numberedRows, rowOf } from './sourceRows.ts';

/** What every consumer has seen goes; that it went is never silent. */
export function pruneCases(open: OpenLogged): void {
  describe('pruning', () => {
    const prune = (
      fixture: LoggedFixture,
      ...args: Parameters<NonNullable<LoggedFixture['source']['log']>['prune']>
    ) => {
      if (fixture.source.log === null) throw new Error('no log');
      return fixture.source.log.prune(...args);
    };

    it('deletes what all positions have seen, and nothing that one of them has not', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const zero = await fixture.source.position(noAbort());
        const long = await fixture.begin();
        await long.put([rowOf(['100'])]);
        await fixture.put(numberedRows(5));
        const first = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['6'])]);
        const second = await fixture.source.position(noAbort());
        await long.commit();
        expect(await prune(fixture, [second, first], noAbort())).toBe(5);
        expect(await fixture.logged()).toBe(2);
        expect([...(await readChanges(fixture, [first])).ids].sort()).toEqual(['100', '6']);
        expect((await readChanges(fixture, [second])).ids).toEqual(['100']);
        await expect(readChanges(fixture, [zero])).rejects.toMatchObject({ reason: 'changes-pruned' });
        await expect(readChanges(fixture, [second, zero])).rejects.toMatchObject({ reason: 'changes-pruned' });
        expect(await prune(fixture, [second, first], noAbort())).toBe(0);
        expect(await prune(fixture, [], noAbort())).toBe(0);
      }));

    it('keeps what an open transaction wrote before the position was taken', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const long = await fixture.begin();
        await long.put(numberedRows(3));
        const position = await fixture.source.position(noAbort());
        await prune(fixture, [position], noAbort());
        await long.commit();
        await prune(fixture, [position], noAbort());
        expect([...(await readChanges(fixture, [position])).ids].sort()).toEqual(['1', '2', '3']);
      }));

    it('does not go back: a lower position afterwards is still told', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const low = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(3));
        const high = await fixture.source.position(noAbort());
        await prune(fixture, [high], noAbort());
        await prune(fixture, [low], noAbort());
        await expect(readChanges(fixture, [low])).rejects.toMatchObject({ reason: 'changes-pruned' });
        expect((await readChanges(fixture, [high])).ids).toEqual([]);
      }));

    it('refuses positions of another database or timeline, and deletes nothing', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        await fixture.put(numberedRows(3));
        const position = await fixture.source.position(noAbort());
        for (const other of [
          { ...position, system: 'other' },
          { ...position, timeline: position.timeline + 1 },
        ]) {
          await expect(prune(fixture, [position, other], noAbort())).rejects.toMatchObject({ code: 'bad-position' });
        }
        expect(await fixture.logged()).toBe(3);
      }));

    it('in the midst of a pass is told by its next page', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(30));
        const pass = await passOf(fixture, [position], 10);
        const higher = await fixture.source.position(noAbort());
        const pages = pass.pages[Symbol.asyncIterator]();
        expect((await pages.next()).value?.keys).toHaveLength(10);
        await prune(fixture, [higher], noAbort());
        await expect(pages.next()).rejects.toMatchObject({ reason: 'changes-pruned' });
      }));

    it('is for what the log is said to hold, a little later', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const { log } = fixture.source;
        if (log === null) throw new Error('no log');
        const position = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(500));
        const after = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(7));
        expect(await prune(fixture, [after], noAbort())).toBe(500);
        await expect.poll(async () => (await log.size(noAbort())).rows).toBe(7);
        expect((await log.size(noAbort())).bytes).toBeGreaterThan(500 * 8);
        await expect(readChanges(fixture, [position])).rejects.toMatchObject({ reason: 'changes-pruned' });
      }));

    it('while passes run leaves no gap that is not told', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const rounds = 40;
        let told = 0;
        // Which of the two comes first is the server's to say: they are let meet until a gap was told.
        for (let round = 0; round < rounds || told === 0; round += 1) {
          const position = await fixture.source.position(noAbort());
          const ids = Array.from({ length: 20 }, (_, place) => String(round * 100 + place));
          await fixture.put(ids.map((id) => rowOf([id])));
          const higher = await fixture.source.position(noAbort());
          const reading = passOf(fixture, [position], 3).then(drain);
          const [seen] = await Promise.allSettled([reading, prune(fixture, [higher], noAbort())]);
          if (seen.status === 'fulfilled') expect([...seen.value.ids].sort()).toEqual([...ids].sort());
          else {
            told += 1;
            expect(seen.reason).toMatchObject({ reason: 'changes-pruned' });
          }
        }
      }));
  });
}

/** When all consumers have seen everything. */
export async function prunedToNothing(fixture: LoggedFixture, consumers: readonly Position[]): Promise<void> {
  await fixture.source.log?.prune(consumers, noAbort());
  expect(await fixture.logged()).toBe(0);
}
