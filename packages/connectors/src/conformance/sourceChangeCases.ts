import { documentId } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import type { Position } from '../source.ts';
import {
  changePace,
  drain,
  noAbort,
  type OpenFollowed,
  passOf,
  promises,
  readChanges,
  useFollowed,
} from './readChanges.ts';
import { collect, idsOf, readSource } from './readSource.ts';
import type { FollowedFixture } from './sourceHarness.ts';
import { awkwardRows, KEYS, numberedRows, rowOf } from './sourceRows.ts';

/** A pass gives every change that is visible when it begins and was not at the position it goes on from. */
export function changeCases(open: OpenFollowed): void {
  describe('changes', () => {
    it.each(KEYS)('have the very keys that a read gives, added, changed and removed: %s', (_, kinds) =>
      useFollowed(open, kinds, [], async (fixture) => {
        let position = await fixture.source.position(noAbort());
        const rows = awkwardRows(kinds);
        await fixture.put(rows);
        const read = idsOf(await collect(readSource(fixture.source))).sort();
        const added = await readChanges(fixture, [position], 7);
        expect([...added.ids].sort()).toEqual(read);
        position = added.upTo;
        await fixture.relabel('changed');
        const changed = await readChanges(fixture, [position]);
        expect([...changed.ids].sort()).toEqual(read);
        const keys = await fixture.keys();
        await fixture.remove(keys);
        const removed = await readChanges(fixture, [changed.upTo]);
        expect([...removed.ids].sort()).toEqual(promises(fixture).removals ? read : []);
        expect((await readChanges(fixture, [removed.upTo])).ids).toEqual([]);
        await fixture.put(rows);
        const asked = await fixture.source.readKeys(keys, { after: null, upTo: null }, async () => 1, noAbort());
        const again = await drain(await passOf(fixture, [removed.upTo]));
        expect(asked.rows.map(({ key }) => documentId(key)).sort()).toEqual([...again.ids].sort());
      }),
    );

    it('hold both keys of a key that changed, where both can be known, and one that was removed and added again', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await transaction(fixture, async (writer) => {
          await writer.rekey(['1'], ['100']);
          await writer.remove([['2']]);
          await writer.put([rowOf(['2'], 'again')]);
        });
        const gone = promises(fixture).removals ? ['1'] : [];
        expect(new Set((await readChanges(fixture, [position])).ids)).toEqual(new Set([...gone, '100', '2']));
      }));

    it('hold nothing of what was rolled back, to a savepoint or as a whole', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        const kept = await fixture.begin();
        await kept.put([rowOf(['1'], 'kept')]);
        const back = await kept.savepoint();
        await kept.put([rowOf(['2'], 'undone')]);
        await back();
        await kept.savepoint();
        await kept.put([rowOf(['3'], 'in a savepoint')]);
        const undone = await fixture.begin();
        await undone.put([rowOf(['4'], 'undone')]);
        await undone.rollback();
        await kept.commit();
        expect([...(await readChanges(fixture, [position])).ids].sort()).toEqual(['1', '3']);
      }));

    it('are found when they commit after a pass began, though they were logged before', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        const late = await fixture.begin();
        await late.put([rowOf(['1'], 'late')]);
        await fixture.put([rowOf(['2'], 'soon')]);
        const pass = await passOf(fixture, [position]);
        await late.commit();
        const first = await drain(pass);
        const second = await readChanges(fixture, [first.upTo]);
        expect([...first.ids, ...second.ids].sort()).toEqual(['1', '2']);
        if (promises(fixture).exactly) expect(second.ids).toEqual(['1']);
        expect((await readChanges(fixture, [second.upTo])).ids).toEqual([]);
      }));

    it('of a transaction that stays open over several passes delay nothing else, and nothing comes twice', () =>
      useFollowed(open, ['integer'], numberedRows(20), async (fixture) => {
        let position = await fixture.source.position(noAbort());
        const long = await fixture.begin();
        await long.put([rowOf(['1'], 'long')]);
        const seen: string[] = [];
        for (const id of ['2', '3', '4', '5']) {
          await fixture.put([rowOf([id], 'short')]);
          const pass = await readChanges(fixture, [position]);
          seen.push(...pass.ids);
          position = pass.upTo;
          await long.put([rowOf([`1${id}`], 'long')]);
        }
        expect(seen).toEqual(['2', '3', '4', '5']);
        await long.commit();
        const last = await readChanges(fixture, [position], 2);
        expect([...last.ids].sort()).toEqual(['1', '12', '13', '14', '15']);
        expect((await readChanges(fixture, [last.upTo])).ids).toEqual([]);
      }));

    it('are those that some of several positions have not seen', () =>
      useFollowed(open, ['integer'], numberedRows(9), async (fixture) => {
        const long = await fixture.begin();
        await long.put([rowOf(['9'], 'long')]);
        const holds = async (since: readonly Position[], ids: readonly string[]) => {
          const seen = [...(await readChanges(fixture, since)).ids].sort();
          expect(seen).toEqual(promises(fixture).exactly ? ids : expect.arrayContaining([...ids]));
        };
        const first = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['1'], 'between')]);
        const second = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['2'], 'after')]);
        await holds([second], ['2']);
        await holds([second, first], ['1', '2']);
        await long.commit();
        await holds([second], ['2', '9']);
        await holds([second, first], ['1', '2', '9']);
        expect((await readChanges(fixture, [])).ids).toEqual([]);
      }));

    it('come in pages that each hold a key once, from a snapshot that later changes are not in', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(25));
        await fixture.relabel('twice');
        const pass = await passOf(fixture, [position], 10);
        const seen: string[] = [];
        for await (const page of pass.pages) {
          const ids = page.keys.map(documentId);
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.length).toBeLessThanOrEqual(10);
          seen.push(...ids);
          await fixture.put([rowOf(['1000'], 'later')]);
        }
        expect(new Set(seen)).toEqual(new Set(numberedRows(25).map(({ key }) => documentId(key))));
        expect((await readChanges(fixture, [pass.upTo])).ids).toEqual(['1000']);
      }));

    it('go on after any page of a pass that was left, in the same snapshot', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const { log } = fixture.source;
        if (log === null) throw new Error('no log');
        const since = [await fixture.source.position(noAbort())];
        const long = await fixture.begin();
        await long.put(numberedRows(12));
        const between = await fixture.source.position(noAbort());
        await fixture.put(Array.from({ length: 12 }, (_, place) => rowOf([String(100 + place)])));
        await long.commit();
        for (const [round, from] of [since, [between], [between, ...since]].entries()) {
          const whole = await passOf(fixture, from, 5);
          const pages = await collect(whole.pages);
          await fixture.put([rowOf([String(999 + round)], 'later')]);
          expect(pages.length).toBeGreaterThan(3);
          for (const [place, page] of pages.entries()) {
            const rest = await log.changes(from, changePace(5), noAbort(), { upTo: whole.upTo, cursor: page.cursor });
            expect(rest.upTo).toEqual(whole.upTo);
            expect((await collect(rest.pages)).map(({ keys }) => keys)).toEqual(
              pages.slice(place + 1).map(({ keys }) => keys),
            );
          }
        }
      }));

    it('keep to the bytes of a page, but for a key that is longer alone', () =>
      useFollowed(open, ['text'], [], async (fixture) => {
        const { log } = fixture.source;
        if (log === null) throw new Error('no log');
        const position = await fixture.source.position(noAbort());
        const rows = Array.from({ length: 20 }, (_, place) =>
          rowOf([`${place}${'x'.repeat(place === 7 ? 2_000 : 90)}`]),
        );
        await fixture.put(rows);
        const pace = { ...changePace(), maxBytes: 500 };
        const pages = await collect((await log.changes([position], pace, noAbort())).pages);
        expect(pages.flatMap(({ keys }) => keys).sort()).toEqual(rows.map(({ key }) => key).sort());
        for (const { keys } of pages) {
          const bytes = keys.reduce((sum, key) => sum + Buffer.byteLength(key.join('')), 0);
          if (keys.length > 1) expect(bytes).toBeLessThanOrEqual(500);
        }
      }));

    it('of another database, or of another timeline, are told', () =>
      useFollowed(open, ['integer'], numberedRows(5), async (fixture) => {
        const position = await fixture.source.position(noAbort());
        await fixture.put([rowOf(['1'], 'changed')]);
        await expect(readChanges(fixture, [position, { ...position, system: 'other' }])).rejects.toMatchObject({
          reason: 'source-replaced',
        });
        const before = { ...position, timeline: position.timeline + 1 };
        const alone = await readChanges(fixture, [before]);
        expect(alone).toMatchObject({ ids: [], refreshOwed: ['timeline'] });
        const both = await readChanges(fixture, [before, position]);
        expect(both).toMatchObject({ ids: ['1'], refreshOwed: ['timeline'] });
        await fixture.put([rowOf(['2'], 'changed')]);
        expect(await readChanges(fixture, [alone.upTo])).toMatchObject({ ids: ['2'], refreshOwed: [] });
      }));

    it('end when the signal aborts', () =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const { log } = fixture.source;
        if (log === null) throw new Error('no log');
        const position = await fixture.source.position(noAbort());
        await fixture.put(numberedRows(20));
        const abort = new AbortController();
        const pass = await log.changes([position], changePace(5), abort.signal);
        const reading = (async () => {
          for await (const page of pass.pages) if (page.keys.length > 0) abort.abort(new Error('enough'));
        })();
        await expect(reading).rejects.toThrow('enough');
        await expect(log.changes([position], changePace(), abort.signal)).rejects.toThrow('enough');
        await expect.poll(() => fixture.running()).toBe(0);
      }));
  });
}

async function transaction(
  fixture: FollowedFixture,
  work: (writer: Awaited<ReturnType<FollowedFixture['begin']>>) => Promise<void>,
): Promise<void> {
  const writer = await fixture.begin();
  await work(writer);
  await writer.commit();
}
