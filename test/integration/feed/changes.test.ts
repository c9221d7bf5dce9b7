import { requestKeys } from '@reindeer/ledger';
import { expect } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { until } from '../../support/until.ts';
import { describeFeed } from './describeFeed.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

describeFeed('following changes', (it) => {
  it('applies what changes, and promotes what has caught up', async ({ f }) => {
    const built = await f.work('rebuild');
    expect(built).toMatchObject({ status: 'completed', tally: { read: 60, written: 60 } });
    expect(await f.sql(`select caught_up from runs where run = $1`, [built.run])).toEqual([{ caught_up: true }]);
    expect(await f.owed()).toEqual([]);

    await f.sql(`insert into public.book values (61, 'new')`);
    await f.sql(`update public.book set title = 'other' where id = 7`);
    await f.sql(`delete from public.book where id in (8, 9)`);
    await f.sql(`update public.book set id = 100 where id = 10`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await f.work('verify')).toMatchObject({
      status: 'completed',
      differences: NONE,
      tally: { unchanged: 59 },
    });
  });

  it('indexes a row that was stamped and written before a newer one, and committed after it', async ({ f }) => {
    await f.work('rebuild');
    const late = await f.t.ledger.pool.connect();
    try {
      await late.query('begin');
      await late.query(`insert into public.book values (70, 'early, late')`);
      await f.sql(`insert into public.book values (71, 'later, first')`);
      await f.pass();
      expect(await f.ids()).toContain('71');
      expect(await f.ids()).not.toContain('70');
      await late.query('commit');
    } finally {
      late.release();
    }
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('indexes requested keys, and says which can be none', async ({ f }) => {
    await f.work('rebuild');
    // Past the triggers, as an application does that tells by itself what changed.
    await f.sql(`alter table public.book disable trigger all`);
    await f.sql(`update public.book set title = 'untold' where id <= 3`);
    await f.sql(`delete from public.book where id = 4`);
    await f.configure({ source: { ...booksDefinition.source, changes: 'none' } });
    expect(await requestKeys(f.t.ledger, f.name, [['1'], ['2'], ['4'], ['2'], ['x']])).toBe(true);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await f.sql(`select document from failures`)).toEqual([{ document: 'x' }]);
    // Those that were asked for alone are by the new definition.
    expect(await f.run('verify')).toMatchObject({ differences: { missing: 0, extra: 0, stale: 57 } });
  });

  it('goes on with a long pass where the owner before left it', async ({ f }) => {
    await f.work('rebuild');
    await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 31000) n`);
    await f.leaveMidway();
    const written = async () => {
      await f.turn({ maxDocuments: 5_000 });
      const [run] = await f.sql(`select written::int as written from tasks where run = $1 and kind = 'slice'`, [
        f.feed,
      ]);
      return Number(run?.written);
    };
    await until('all of it is written', async () => (await written()) >= 30_000);
    expect(await written()).toBe(30_000);
  });
});
