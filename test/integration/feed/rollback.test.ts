import { requestPromotion } from '@reindeer/engine';
import { giveUpConsumer } from '@reindeer/ledger';
import { expect } from 'vitest';
import { until } from '../../support/until.ts';
import { describeFeed } from './describeFeed.ts';

describeFeed('rolling back what the feed keeps current', (it) => {
  it('rolls back to the old mapping with the new data', async ({ f }) => {
    await f.work('rebuild');
    const old = await f.live();
    await f.configure({ transform: (row) => ({ ...row, made: 'anew' }) });
    await f.work('rebuild');
    expect(await f.live()).not.toBe(old);
    await f.sql(`update public.book set title = 'after' where id <= 30`);
    await f.sql(`delete from public.book where id > 50`);
    await f.pass();
    await f.rollBack();
    expect(await f.live()).toBe(old);
    expect(await f.ids()).toEqual(await f.tableIds());
    await f.sql(`insert into public.book values (99, 'after that')`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('owes a refresh of what a definition made that comes back: the feed wrote to it by the one between', async ({
    f,
  }) => {
    await f.work('rebuild');
    const { fingerprint } = f.definition();
    await f.configure({ transform: (row) => ({ ...row, made: 'anew' }) });
    await f.sql(`update public.book set title = 'between' where id <= 30`);
    await f.pass();
    await f.work('rebuild');
    await f.rollBack();
    expect(await f.owed()).toEqual([]);
    await f.configure({ transform: null, fingerprint });
    expect(await f.owed()).toEqual([{ state: 'live', cause: 'definition-changed', shards: 3 }]);
    await f.refreshOwed();
    expect(await f.owed()).toEqual([]);
    expect((await f.work('verify', { deep: true })).differences).toEqual({ missing: 0, extra: 0, stale: 0 });
  });

  it('refuses to roll back to what is not kept current, unless by force, and then owes a refresh', async ({ f }) => {
    await f.work('rebuild');
    await f.work('rebuild');
    const [old] = await f.sql(`select generation::int, name from generations where state = 'retained'`);
    await giveUpConsumer(f.t.ledger, Number(old?.generation), 'soaked');
    await f.sql(`delete from public.book where id > 50`);
    await f.pass();
    const asked = { index: f.definition(), direction: 'back', generation: null, note: null, actor: 'test' } as const;
    const context = { ledger: f.t.ledger, deliver: async () => {} };
    expect(await requestPromotion(context, { ...asked, force: false })).toMatchObject({
      kind: 'refused',
      reason: 'generation-stale',
    });
    const forced = await requestPromotion(context, { ...asked, force: true, note: 'the mapping is wrong' });
    expect(await f.finish('run' in forced ? (forced.run ?? 0) : 0)).toMatchObject({ status: 'completed' });
    expect(await f.live()).toBe(old?.name);
    expect(await f.sql(`select detail ->> 'note' as note from audit where detail ->> 'note' is not null`)).toEqual([
      { note: 'the mapping is wrong' },
    ]);
    await f.pass();
    await f.refreshOwed();
    expect(await f.owed()).toEqual([]);
    expect(await f.ids()).toEqual(await f.tableIds());
  });

  it('gives up a soaking generation that is gone, and keeps what is live current', async ({ f }) => {
    await f.work('rebuild');
    await f.work('rebuild');
    const [old] = await f.sql(`select name from generations where state = 'retained'`);
    await f.destroy(String(old?.name));
    await f.sql(`insert into public.book values (90, 'new')`);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
    expect(await f.sql(`select stale_reason from generations where state = 'retained'`)).toEqual([
      { stale_reason: 'generation-gone' },
    ]);
  });

  it('takes no generation for proven because a person moved the readers’ name to it', async ({ f }) => {
    await f.work('rebuild');
    await f.pass();
    const run = await f.open('rebuild');
    await until('its slices are written', async () => {
      await f.next(run);
      const [row] = await f.sql(`select phase from runs where run = $1`, [run]);
      return row?.phase === 'catching_up';
    });
    const [to] = await f.sql(`select name from generations where run = $1`, [run]);
    await f.moveReaders(String(to?.name));
    await f.sql(`insert into public.book values (90, 'new')`);
    await f.next(run);
    expect(await f.sql(`select status, phase from runs where run = $1`, [run])).toEqual([
      { status: 'running', phase: 'catching_up' },
    ]);
    await f.finish(run);
    expect(await f.sql(`select settled_at is not null as settled from generations where run = $1`, [run])).toEqual([
      { settled: true },
    ]);
    await f.pass();
    expect(await f.ids()).toEqual(await f.tableIds());
  });
});
