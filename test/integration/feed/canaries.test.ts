import type { Canary } from '@reindeer/core';
import { requestPromotion } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { expect } from 'vitest';
import { PROMOTION } from '../../support/booksDefinition.ts';
import { describeFeed } from './describeFeed.ts';
import type { FeedFixture } from './fixture.ts';

const asking = (f: FeedFixture, canary: Canary) => ({
  // As each of the sinks has it by default: texts are searched.
  sink: { ...f.definition().sink, mappings: {} },
  rebuild: { schedule: null, freshForMs: null, sliceTargetMs: 1_000, slices: 1, ...PROMOTION, canaries: [canary] },
});

describeFeed('canaries', (it) => {
  it('end a rebuild before anything is built, where the sink cannot read one', async ({ f }) => {
    await f.configure(asking(f, { query: { no_such_query: {} }, minHits: 1, ids: [] }));
    const run = await f.open('rebuild');
    await f.next(run);
    expect(await readRun(f.t.ledger, run)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('rebuild.canaries'),
      slices: { total: 0 },
    });
  });

  it('keep what they do not find from being live, until they are corrected', async ({ f }) => {
    await f.configure(asking(f, { query: 'walrus', minHits: 2, ids: [] }));
    const run = await f.open('rebuild');
    expect(await f.finish(run)).toMatchObject({ status: 'failed', reason: 'canary-gate' });
    expect((await readRun(f.t.ledger, run))?.error).toContain('"walrus" finds 0 documents; at least 2 are asked for');

    await f.configure(asking(f, { query: 'book', minHits: 60, ids: ['7'] }));
    const asked = { direction: 'on', generation: null, force: false, note: null, actor: 'test' } as const;
    const context = { ledger: f.t.ledger, deliver: async () => {} };
    const answer = await requestPromotion(context, { ...asked, index: f.definition() });
    expect(answer.kind).toBe('started');
    await f.finish(answer.run ?? 0);
    expect(await readRun(f.t.ledger, answer.run ?? 0)).toMatchObject({ state: 'completed', error: null });
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
