import { describe, expect, it, vi } from 'vitest';
import { collect, readSource } from './readSource.ts';
import type { SourceFixture, SourceHarness } from './sourceHarness.ts';
import { numberedRows } from './sourceRows.ts';
import { useSource } from './useSource.ts';

/** Less than what ends a page by itself, see `readSource`. */
const PROMPT_MS = 20_000;

/** The caller's pull is the back-pressure; its signal, or its leaving, ends everything. */
export function stopCases(harness: SourceHarness): void {
  describe('stopping', () => {
    it('an abort ends a statement under way at once, and on the server too', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const abort = new AbortController();
        const reason = new Error('enough');
        await withStall(fixture, async (stall) => {
          const stalled = Promise.withResolvers<void>();
          const ticket = () => stall().finally(() => stalled.resolve());
          const reading = collect(readSource(fixture.source, { ticket, signal: abort.signal }));
          reading.catch(() => {});
          await stalled.promise;
          await untilRunning(fixture);
          const aborted = performance.now();
          abort.abort(reason);
          await expect(reading).rejects.toBe(reason);
          expect(performance.now() - aborted).toBeLessThan(PROMPT_MS);
          await untilNothingRuns(fixture);
        });
        expect(await collect(readSource(fixture.source))).toHaveLength(1);
      }));

    it('an abort ends the reading of keys, and on the server too', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const abort = new AbortController();
        await withStall(fixture, async (stall) => {
          const stalled = Promise.withResolvers<void>();
          const ticket = () => stall().finally(() => stalled.resolve());
          const reading = fixture.source.readKeys([['1']], { after: null, upTo: null }, ticket, abort.signal);
          reading.catch(() => {});
          await stalled.promise;
          await untilRunning(fixture);
          abort.abort(new Error('enough'));
          await expect(reading).rejects.toThrow('enough');
          await untilNothingRuns(fixture);
        });
      }));

    it('a consumer that leaves ends the page that is read ahead', () =>
      useSource(harness, ['integer'], numberedRows(9), async (fixture) => {
        await withStall(fixture, async (stall) => {
          let drawn = 0;
          const ticket = async () => {
            drawn += 1;
            return drawn === 1 ? 1 : await stall();
          };
          const left = performance.now();
          for await (const page of readSource(fixture.source, { maxDocuments: 3, ticket })) {
            expect(page.documents).toHaveLength(3);
            break;
          }
          expect(performance.now() - left).toBeLessThan(PROMPT_MS);
          await untilNothingRuns(fixture);
        });
      }));

    it('an abort ends the wait for a ticket', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const abort = new AbortController();
        const asked = Promise.withResolvers<void>();
        const ticket = () => {
          asked.resolve();
          return new Promise<never>(() => {});
        };
        const reading = collect(readSource(fixture.source, { ticket, signal: abort.signal }));
        reading.catch(() => {});
        await asked.promise;
        abort.abort(new Error('no more'));
        await expect(reading).rejects.toThrow('no more');
      }));

    it('nothing begins when the signal is aborted already', () =>
      useSource(harness, ['integer'], numberedRows(5), async (fixture) => {
        const signal = AbortSignal.abort(new Error('never'));
        const ticket = vi.fn(async () => 1);
        await expect(collect(readSource(fixture.source, { ticket, signal }))).rejects.toThrow('never');
        await expect(fixture.source.describe(signal)).rejects.toThrow('never');
        await expect(fixture.source.position(signal)).rejects.toThrow('never');
        await expect(collect(fixture.source.boundaries({ after: null, upTo: null }, 4, signal))).rejects.toThrow(
          'never',
        );
        expect(ticket).not.toHaveBeenCalled();
      }));

    it('an abort between pages is told by the next', () =>
      useSource(harness, ['integer'], numberedRows(9), async (fixture) => {
        const abort = new AbortController();
        const seen: number[] = [];
        const reading = (async () => {
          for await (const page of readSource(fixture.source, { maxDocuments: 3, signal: abort.signal })) {
            seen.push(page.ticket);
            abort.abort(new Error('between'));
          }
        })();
        await expect(reading).rejects.toThrow('between');
        expect(seen).toEqual([1]);
      }));
  });

  it('reads at most one page ahead of a consumer that does not pull', () =>
    useSource(harness, ['integer'], numberedRows(60), async (fixture) => {
      let drawn = 0;
      const ticket = async () => {
        drawn += 1;
        return drawn;
      };
      let pulled = 0;
      for await (const page of readSource(fixture.source, { maxDocuments: 5, ticket })) {
        pulled += 1;
        expect(page.ticket).toBe(pulled);
        // Each takes the server longer than a page: more pages would have been read meanwhile.
        for (let times = 0; times < 3; times += 1) await fixture.source.describe(new AbortController().signal);
        expect(drawn).toBeLessThanOrEqual(pulled + 1);
      }
      expect(pulled).toBe(12);
    }));
}

/** A ticket that makes the statement after it hang, and what was hung released whatever happens. */
async function withStall(
  fixture: SourceFixture,
  work: (ticket: () => Promise<number>) => Promise<void>,
): Promise<void> {
  let release: (() => Promise<void>) | undefined;
  try {
    await work(async () => {
      release = await fixture.stall();
      return 1;
    });
  } finally {
    await release?.();
  }
}

async function untilRunning(fixture: SourceFixture): Promise<void> {
  await expect.poll(() => fixture.running()).toBeGreaterThan(0);
}

/** What it would wait for is held still. The error is on its way before the server shows that it does nothing any more. */
async function untilNothingRuns(fixture: SourceFixture): Promise<void> {
  await expect.poll(() => fixture.running()).toBe(0);
}
