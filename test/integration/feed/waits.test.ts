import { requestPromotion } from '@reindeer/engine';
import { readOwedRefreshes, readRun } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FeedFixture, feedFixture } from './fixture.ts';

describe('a promotion that waits for a refresh', () => {
  let f: FeedFixture;
  beforeEach(async () => {
    f = await feedFixture('postgres', { shards: 2 });
    await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 20) n`);
    await f.work('rebuild');
    await f.work('rebuild');
  });
  afterEach(() => f.close());

  it('says which run makes it, and which failed and why', async () => {
    await f.sql(`truncate public.book`);
    await f.pass();
    const asked = { index: f.definition(), direction: 'back', generation: null, force: false, note: null } as const;
    const answer = await requestPromotion({ ledger: f.t.ledger, deliver: async () => {} }, { ...asked, actor: 'test' });
    if (answer.kind !== 'started') throw new Error(answer.detail);
    await f.pass();
    const waitsFor = async () => {
      await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [answer.run]);
      await f.next(answer.run);
      return (await readRun(f.t.ledger, answer.run))?.waitsFor;
    };
    expect(await waitsFor()).toEqual({
      reason: 'refresh-owed',
      detail: 'A refresh is owed on 2 shards of it (truncated). A scheduler starts it.',
    });
    const of = (await readOwedRefreshes(f.t.ledger)).map(({ generation }) => generation);
    const runs = (await f.openOwed()).filter((_, at) => of[at] !== null);
    expect(runs).toHaveLength(2);
    expect((await waitsFor())?.detail).toMatch(
      new RegExp(`Runs ${runs.join(', ')} make it: .reindeer show ${runs[0]}.\\.$`),
    );
    await f.sql(`update runs set status = 'failed', reason = 'error-budget', finished_at = now() where run = $1`, [
      runs[0],
    ]);
    expect((await waitsFor())?.detail).toMatch(
      new RegExp(
        `Run ${runs[1]} makes it: .*\\. Run ${runs[0]} failed \\(error-budget\\): .reindeer show ${runs[0]}. says why`,
      ),
    );
    // One that goes on where it failed is what there is to look at.
    await f.sql(`update runs set status = 'queued', reason = null, finished_at = null where run = $1`, [runs[0]]);
    expect((await waitsFor())?.detail).not.toContain('failed');
    for (const run of runs) await f.finish(run);
    expect(await f.finish(answer.run)).toMatchObject({ status: 'completed' });
  });
});
