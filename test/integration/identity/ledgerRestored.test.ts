import { randomUUID } from 'node:crypto';
import { NO_OPTIONS } from '@reindeer/core';
import { compareLedger, type LedgerSuspicions, requestRun } from '@reindeer/engine';
import { checkpointSlice, claimTask, raiseTickets, readOwedRefreshes, requestKeys } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUpLedger } from '../../support/ledgerBackup.ts';
import { type InPlaceFixture, inPlaceFixture, SINKS, searchUrl } from '../inPlace/fixture.ts';
import { tally } from '../ledger/fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };
const AHEAD = 1_200_000_000;

describe.each(SINKS)('a ledger that was restored, before %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: InPlaceFixture;
    let suspicions: LedgerSuspicions;
    beforeEach(async () => {
      suspicions = new Map();
      f = await inPlaceFixture(sink, { shards: 3 });
      await f.sql(`create table public.book (id bigint primary key, title text)`);
      await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 60) n`);
      await f.run('rebuild');
      expect(await look()).toBe(false);
    });
    afterEach(() => f.close());

    it('adopts what was swapped in since, and nothing that is older wins', async () => {
      const backup = await backUpLedger(f.t.ledger);
      const first = await f.live();
      await f.sql(`update public.book set title = 'second' where id <= 20`);
      await f.run('rebuild');
      await f.sql(`update public.book set title = 'third' where id between 11 and 30`);
      // Versions ahead of the clock, as after an earlier restore: what the old ledger draws next would lose to them.
      await raiseTickets(f.t.ledger, Date.now() * 1000 + AHEAD);
      await f.run('rebuild');
      await f.sql(`update public.book set title = 'fourth' where id = 7; delete from public.book where id = 8`);
      await f.run('refresh');
      const last = await f.live();
      const highest = await highestTicket();
      await backup.restore();
      expect(await f.live()).toBe(first);

      expect(await look()).toBe(true);
      expect(await look()).toBe(false);
      expect(await f.live()).toBe(last);
      expect(await f.sql(`select state from generations where name = $1`, [first])).toEqual([{ state: 'dropped' }]);
      expect(
        await f.sql(`select distinct cause from owed_refreshes where discharged_at is null and generation =
        (select generation from generations where state = 'live')`),
      ).toEqual([{ cause: 'ledger-restored' }]);
      expect(await highestTicket()).toBeGreaterThan(highest);

      await f.sql(`update public.book set title = 'fifth' where id in (7, 25); delete from public.book where id = 9`);
      await f.sql(`insert into public.book values (8, 'again'), (61, 'new')`);
      const refreshed = await f.run('refresh', { shard: 0 });
      expect(refreshed).toMatchObject({
        status: 'completed',
        differences: { missing: 2, extra: 1, stale: 2 },
        tally: { superseded: 0, failed: 0 },
      });
      expect(await f.run('verify')).toMatchObject({ differences: NONE });
      expect(await f.ids()).toHaveLength(60);
      expect(
        await f.sql(`select 1 from owed_refreshes where discharged_at is null and generation =
        (select generation from generations where state = 'live')`),
      ).toEqual([]);
      // Rebuilds and swaps go on, with numbers and epochs above.
      expect(await f.run('rebuild')).toMatchObject({ status: 'completed' });
      expect(await look()).toBe(false);
    });

    it('says so at the second look where only tickets were forgotten', async () => {
      const backup = await backUpLedger(f.t.ledger);
      await raiseTickets(f.t.ledger, Date.now() * 1000 + 2 * AHEAD);
      await f.sql(`update public.book set title = 'since'`);
      await f.run('refresh');
      const highest = await highestTicket();
      await backup.restore();
      expect(await look()).toBe(false);
      expect(await look()).toBe(true);
      expect(await look()).toBe(false);
      expect(await highestTicket()).toBeGreaterThan(highest);
      await f.sql(`update public.book set title = 'after'`);
      expect(await f.run('refresh')).toMatchObject({ tally: { written: 60, superseded: 0, failed: 0 } });
      expect(await f.run('verify')).toMatchObject({ differences: NONE });
    });

    it('knows the generation that was live before and is again', async () => {
      await f.run('rebuild');
      const backup = await backUpLedger(f.t.ledger);
      const second = await f.live();
      const [first] = await f.sql(`select name from generations where state = 'retained'`);
      const { sink: port } = await f.desk.open(f.name);
      const { signal } = new AbortController();
      const live = await port.live(f.name, signal);
      await port.promote({ index: f.name, name: first?.name }, live, signal);
      await backup.restore();
      expect(await look()).toBe(true);
      expect(await f.live()).toBe(first?.name);
      expect(await f.sql(`select state, epoch from generations order by number`)).toEqual([
        { state: 'live', epoch: '3' },
        { state: 'retained', epoch: '2' },
      ]);
      expect(second).not.toBe(first?.name);
    });

    it('follows a sink that lost a swap, at the next look or when a swap would be refused', async () => {
      for (const meets of ['look', 'refresh', 'rebuild'] as const) {
        await f.run('rebuild');
        const [first] = await f.sql(
          `select name from generations where state = 'retained' order by number desc limit 1`,
        );
        const { sink: port } = await f.desk.open(f.name);
        const { signal } = new AbortController();
        await port.promote({ index: f.name, name: first?.name }, await port.live(f.name, signal), signal);
        await f.sql(`update generations set epoch = epoch + 2 where state = 'live'`);
        if (meets === 'look') expect(await look()).toBe(true);
        else if (meets === 'rebuild') expect(await f.run(meets)).toMatchObject({ status: 'completed' });
        else expect(await f.run(meets)).toMatchObject({ status: 'cancelled', reason: 'superseded' });
        if (meets !== 'rebuild') expect(await f.live()).toBe(first?.name);
        expect(await look()).toBe(false);
        if (meets === 'look')
          expect(
            await f.sql(
              `select distinct state, cause from owed_refreshes join generations using (generation) where discharged_at is null`,
            ),
          ).toContainEqual({ state: 'live', cause: 'sink-failed-over' });
        expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: NONE });
      }
    });

    it('takes the claims of owners from them, and ends the run whose generation is live by now', async () => {
      const rebuild = await f.open('rebuild');
      await f.next(rebuild);
      const claim = await claimTask(
        f.t.ledger,
        { run: rebuild, kind: 'slice', number: 1, delivery: 1 },
        { worker: f.desk.worker, definition: 1, token: randomUUID() },
      );
      if (claim.kind !== 'claimed') throw new Error(claim.kind);
      const backup = await backUpLedger(f.t.ledger);
      await f.sql(
        `update tasks set status = 'queued', owner = null, claim_token = null where run = $1 and number = 1`,
        [rebuild],
      );
      expect(await f.finish(rebuild)).toMatchObject({ status: 'completed' });
      const live = await f.live();
      await backup.restore();
      expect(await look()).toBe(true);
      expect(await f.live()).toBe(live);
      expect(await f.sql(`select status, reason from runs where run = $1`, [rebuild])).toEqual([
        { status: 'failed', reason: 'ledger-restored' },
      ]);
      // That is no failure which a schedule waits after.
      const asked = { index: f.definition(), lane: 'rebuild', shard: -1, trigger: 'schedule', actor: 'test' } as const;
      const next = await requestRun(f.desk.context, { ...asked, slot: Date.now(), options: NO_OPTIONS });
      expect(next).toMatchObject({ kind: 'started' });
      const late = { sequence: 1, cursor: ['5'], tally: tally(5), bytes: 1, failures: [], complete: false };
      expect(await checkpointSlice(f.t.ledger, claim.task, late)).toEqual({ kind: 'lost' });
      expect(await f.run('refresh')).toMatchObject({ status: 'completed' });
    });

    it('lets keys be due again that were requested in a cluster whose transactions were ahead', async () => {
      await requestKeys(f.t.ledger, f.name, [['1'], ['2']]);
      await f.sql(`update requested_keys set xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8`);
      const backup = await backUpLedger(f.t.ledger);
      await f.run('rebuild');
      await backup.restore();
      expect(await look()).toBe(true);
      const shown = `select count(*)::int as keys from requested_keys where pg_visible_in_snapshot(xid, pg_current_snapshot())`;
      expect(await f.sql(shown)).toEqual([{ keys: 2 }]);
    });

    it('delivers the tasks of open runs again, under numbers that the queue cannot know', async () => {
      const rebuild = await f.open('rebuild');
      await f.next(rebuild);
      const backup = await backUpLedger(f.t.ledger);
      await raiseTickets(f.t.ledger, Date.now() * 1000 + 2 * AHEAD);
      await f.sql(`update public.book set title = 'since'`);
      await f.run('refresh');
      await backup.restore();
      await look();
      const delivered: number[] = [];
      const deliver = async (due: readonly { delivery: number }[]) =>
        void delivered.push(...due.map(({ delivery }) => delivery));
      expect(await look({ deliver })).toBe(true);
      expect(delivered).toEqual([1_001, 1_001, 1_001]);
      expect(await f.finish(rebuild)).toMatchObject({ status: 'completed', tally: { written: 60 } });
    });

    it('wants a rebuild where the ledger has forgotten the definition of what is live', async () => {
      const backup = await backUpLedger(f.t.ledger);
      await f.configure();
      await f.run('rebuild');
      const live = await f.live();
      await backup.restore();
      expect(await look()).toBe(true);
      expect(await f.live()).toBe(live);
      expect(await f.sql(`select definition from generations where state = 'live'`)).toEqual([{ definition: 0 }]);
      await f.configure();
      await isLeftAlone();
      const asked = { index: f.definition(), lane: 'refresh', shard: 0, trigger: 'manual', actor: 'test' } as const;
      expect(await requestRun(f.desk.context, { ...asked, slot: null, options: NO_OPTIONS })).toMatchObject({
        kind: 'refused',
        reason: 'definition-mismatch',
      });
    });

    it('leaves what was live alone where the ledger was lost and the definition is another, until a rebuild replaces it', async () => {
      await f.sql(`delete from owed_refreshes; delete from generations`);
      await f.sql(`update definitions set fingerprint = fingerprint || ' of before'`);
      await f.configure();
      const rebuild = await f.open('rebuild');
      await f.next(rebuild);
      expect(await f.live()).not.toBe('');
      await isLeftAlone();
      expect(await f.finish(rebuild)).toMatchObject({ status: 'completed' });
      expect(await f.sql(`select stale_reason from generations where state = 'live'`)).toEqual([
        { stale_reason: null },
      ]);
    });

    /** The table is another's by now: a refresh would delete every document that has no row there. */
    async function isLeftAlone(): Promise<void> {
      expect(await f.sql(`select definition, stale_reason from generations where state = 'live'`)).toEqual([
        { definition: 0, stale_reason: 'definition-mismatch' },
      ]);
      const ids = await f.ids();
      expect(ids).toHaveLength(60);
      await f.sql(
        `alter table public.book rename to book_before; create table public.book (id bigint primary key, title text)`,
      );
      expect(await readOwedRefreshes(f.t.ledger)).toEqual([]);
      const owed = { index: f.definition(), lane: 'refresh', shard: 0, trigger: 'owed', actor: 'test' } as const;
      const answer = await requestRun(f.desk.context, { ...owed, slot: null, options: NO_OPTIONS });
      if (answer.kind !== 'started') throw new Error(answer.detail);
      expect(await f.finish(answer.run)).toMatchObject({ status: 'failed', reason: 'definition-mismatch' });
      expect(await f.ids()).toEqual(ids);
      await f.sql(`drop table public.book; alter table public.book_before rename to book`);
    }

    it('leaves alone what another deployment made, and what a person moved', async () => {
      await f.run('rebuild');
      await f.sql(`update ledger set ledger_id = gen_random_uuid()`);
      await f.sql(`delete from generations where state = 'live'`);
      expect(await look()).toBe(false);
      expect(await look()).toBe(false);
      expect(await f.live()).toBe('');
    });

    async function look(more: Partial<InPlaceFixture['desk']['context']> = {}): Promise<boolean> {
      const context = { ...f.desk.context, ...more };
      return compareLedger(context, await f.desk.open(f.name), suspicions, new AbortController().signal);
    }

    async function highestTicket(): Promise<number> {
      const [row] = await f.sql(`select draw_ticket() as ticket`);
      return Number(row?.ticket);
    }
  });
});
