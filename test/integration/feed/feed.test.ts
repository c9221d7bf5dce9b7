import { requestPromotion } from '@reindeer/engine';
import { giveUpConsumer, quietInMs, requestKeys } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { until } from '../../support/until.ts';
import { SINKS, searchUrl } from '../inPlace/fixture.ts';
import { type FeedFixture, feedFixture } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

describe.each(SINKS)('following changes into %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: FeedFixture;
    beforeEach(async () => {
      f = await feedFixture(sink, { shards: 3 });
      await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 60) n`);
    });
    afterEach(() => f.close());

    /** What the table says, as the ids that readers find. */
    async function tableIds(): Promise<string[]> {
      const rows = await f.sql(`select id::text as id from public.book`);
      return rows.map(({ id }) => String(id)).toSorted();
    }

    /** Turns of the feed until one ends in the midst of a pass, which is noted. */
    async function leaveMidway(): Promise<void> {
      await until('the pass is left midway', async () => {
        await f.turn({ maxDocuments: 5_000 });
        const [row] = await f.sql(`select cursor is not null as left from tasks where run = $1 and kind = 'slice'`, [
          f.feed,
        ]);
        return row?.left === true;
      });
    }

    async function owed() {
      return f.sql(
        `select g.state, o.cause, count(*)::int as shards from owed_refreshes o join generations g using (generation)
          where o.discharged_at is null group by 1, 2 order by 1, 2`,
      );
    }

    it('applies what changes, and promotes what has caught up', async () => {
      const built = await f.work('rebuild');
      expect(built).toMatchObject({ status: 'completed', tally: { read: 60, written: 60 } });
      expect(await f.sql(`select caught_up from runs where run = $1`, [built.run])).toEqual([{ caught_up: true }]);
      expect(await owed()).toEqual([]);

      await f.sql(`insert into public.book values (61, 'new')`);
      await f.sql(`update public.book set title = 'other' where id = 7`);
      await f.sql(`delete from public.book where id in (8, 9)`);
      await f.sql(`update public.book set id = 100 where id = 10`);
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
      expect(await f.work('verify')).toMatchObject({
        status: 'completed',
        differences: NONE,
        tally: { unchanged: 59 },
      });
    });

    it('indexes a row that was stamped and written before a newer one, and committed after it', async () => {
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
      expect(await f.ids()).toEqual(await tableIds());
    });

    it('holds a promotion back until what a TRUNCATE owes is done, in what is live and in what is built', async () => {
      await f.work('rebuild');
      const run = await f.open('rebuild');
      while (
        (await f.sql(`select 1 from runs where run = $1 and phase = 'building'`, [run])).length > 0 ||
        (await f.sql(`select 1 from tasks where run = $1 and kind = 'finish'`, [run])).length === 0
      )
        await f.next(run);
      await f.sql(`truncate public.book`);
      await f.sql(`insert into public.book values (1, 'again')`);
      // Settles and joins.
      await f.next(run);
      await f.pass();
      expect(await owed()).toEqual([
        { state: 'building', cause: 'truncated', shards: 3 },
        { state: 'live', cause: 'truncated', shards: 3 },
      ]);
      await f.next(run);
      expect(await f.sql(`select phase from runs where run = $1`, [run])).toEqual([{ phase: 'catching_up' }]);
      await f.refreshOwed();
      expect(await owed()).toEqual([]);
      expect(await f.finish(run)).toMatchObject({ status: 'completed' });
      expect(await f.ids()).toEqual(['1']);
      await f.rollBack();
      expect(await f.ids()).toEqual(['1']);
    });

    it('does not let a refresh that had begun discharge a later TRUNCATE', async () => {
      await f.work('rebuild');
      await f.sql(`truncate public.book`);
      await f.pass();
      const begun = await f.openOwed();
      await f.sql(`insert into public.book values (5, 'new')`);
      await f.sql(`truncate public.book`);
      await f.pass();
      for (const run of begun) await f.finish(run);
      expect(await owed()).toEqual([{ state: 'live', cause: 'truncated', shards: 3 }]);
      await f.refreshOwed();
      expect(await owed()).toEqual([]);
      expect(await f.ids()).toEqual([]);
    });

    it('rolls back to the old mapping with the new data', async () => {
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
      expect(await f.ids()).toEqual(await tableIds());
      await f.sql(`insert into public.book values (99, 'after that')`);
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
    });

    it('refuses to roll back to what is not kept current, unless by force, and then owes a refresh', async () => {
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
      expect(await owed()).toEqual([]);
      expect(await f.ids()).toEqual(await tableIds());
    });

    it('indexes requested keys, and says which can be none', async () => {
      await f.work('rebuild');
      // Past the triggers, as an application does that tells by itself what changed.
      await f.sql(`alter table public.book disable trigger all`);
      await f.sql(`update public.book set title = 'untold' where id <= 3`);
      await f.sql(`delete from public.book where id = 4`);
      await f.configure({ source: { ...booksDefinition.source, changes: 'none' } });
      expect(await requestKeys(f.t.ledger, f.name, [['1'], ['2'], ['4'], ['2'], ['x']])).toBe(true);
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
      expect(await f.sql(`select document from failures`)).toEqual([{ document: 'x' }]);
      // Those that were asked for alone are by the new definition.
      expect(await f.run('verify')).toMatchObject({ differences: { missing: 0, extra: 0, stale: 57 } });
    });

    it('takes a new position and owes a refresh where the log reaches back no more', async () => {
      await f.work('rebuild');
      await f.sql(`insert into public.book values (80, 'unseen')`);
      await f.sql(`update reindeer_log.state set pruned_to = pg_current_snapshot()`);
      await f.sql(`delete from reindeer_log.changes`);
      await f.pass();
      expect(await owed()).toEqual([{ state: 'live', cause: 'changes-pruned', shards: 3 }]);
      await f.refreshOwed();
      expect(await f.ids()).toEqual(await tableIds());
    });

    it('goes back when the sink has lost what it acknowledged', async () => {
      await f.work('rebuild');
      await f.pass();
      await f.sql(`insert into public.book values (81, 'lost')`);
      await f.pass();
      await f.lose('81');
      await f.pass();
      expect(await f.ids()).not.toContain('81');
      await f.sql(`update consumers set incarnation = 'another' where log = 'source'`);
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
    });

    it('sends its deletes again when every request of their time has ended', async () => {
      await f.work('rebuild');
      await f.sql(`delete from public.book where id = 12`);
      await f.pass();
      await f.sql(`update consumers set echo_at = now() - interval '1 hour', echo_to = position`);
      await f.lose('12');
      await f.strand('12');
      expect(await f.ids()).toContain('12');
      await f.pass();
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
      expect(await f.sql(`select echoed = position as all from consumers where log = 'source'`)).toHaveLength(1);
    });

    it('goes on with a long echo where a turn ended', async () => {
      await f.work('rebuild');
      await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 13000) n`);
      for (let turns = 0; turns < 3; turns += 1) await f.turn({ maxDocuments: 5_000 });
      await f.sql(`update consumers set echo_at = now() - interval '1 hour', echo_to = position where log = 'source'`);
      // A second is too short for all of it on most machines: what was noted is gone on with.
      const echo = { turnMs: 1_000 };
      await until('all is echoed', async () => {
        await f.turn({ maxDocuments: 5_000 }, echo);
        const [row] = await f.sql(
          `select echo_at > now() - interval '1 minute' and echo_cursor is null as done from consumers where log = 'source'`,
        );
        return row?.done === true;
      });
    }, 90_000);

    it('gives up a soaking generation that is gone, and keeps what is live current', async () => {
      await f.work('rebuild');
      await f.work('rebuild');
      const [old] = await f.sql(`select name from generations where state = 'retained'`);
      await f.destroy(String(old?.name));
      await f.sql(`insert into public.book values (90, 'new')`);
      await f.pass();
      expect(await f.ids()).toEqual(await tableIds());
      expect(await f.sql(`select stale_reason from generations where state = 'retained'`)).toEqual([
        { stale_reason: 'generation-gone' },
      ]);
    });

    it('goes on with a long pass where the owner before left it', async () => {
      await f.work('rebuild');
      await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 31000) n`);
      await leaveMidway();
      await f.turn({ maxDocuments: 5_000 });
      await f.turn({ maxDocuments: 5_000 });
      const [run] = await f.sql(`select written::int as written from tasks where run = $1 and kind = 'slice'`, [
        f.feed,
      ]);
      expect(run?.written).toBe(30_000);
    }, 60_000);

    it('compares a new generation again, instead of refusing it, where a late feed has not written what changed', async () => {
      await f.work('rebuild');
      const run = await f.open('rebuild');
      const tasks = async (which: string) => {
        const [row] = await f.sql(`select count(*)::int as count from tasks where run = $1 and ${which}`, [run]);
        return Number(row?.count);
      };
      const next = async () => {
        await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [run]);
        await f.next(run);
      };
      await until('its documents are compared next', async () => {
        if ((await tasks(`work = 'digest'`)) > 0) return true;
        await next();
        await f.pass();
        return false;
      });
      await f.sql(`update public.book set title = 'late' where id <= 3`);
      await f.sql(`delete from public.book where id = 4`);
      await until('it waits for the feed', async () => {
        await next();
        return (await tasks(`waits_for ->> 'reason' = 'not-caught-up' and work = 'digest'`)) > 0;
      });
      expect(await f.finish(run)).toMatchObject({
        status: 'completed',
        differences: { missing: 0, extra: 0, stale: 0 },
      });
      expect(await f.ids()).toEqual(await tableIds());
    }, 90_000);

    it('compares a new generation again after the refresh that a TRUNCATE in the midst of it owes', async () => {
      await f.work('rebuild');
      const run = await f.open('rebuild');
      const waits = async () => {
        const [row] = await f.sql(
          `select waits_for ->> 'reason' as reason from tasks where run = $1 and work = 'digest' and waits_for is not null`,
          [run],
        );
        return row?.reason;
      };
      const next = async () => {
        await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [run]);
        await f.next(run);
      };
      await until('its documents are compared next', async () => {
        const [row] = await f.sql(`select count(*)::int as count from tasks where run = $1 and work = 'digest'`, [run]);
        if (Number(row?.count) > 0) return true;
        await next();
        await f.pass();
        return false;
      });
      await f.sql(`truncate public.book`);
      await f.sql(`insert into public.book values (1, 'after')`);
      await until('it waits for the refresh', async () => {
        let looks = true;
        const looked = next().finally(() => {
          looks = false;
        });
        while (looks) await f.pass();
        await looked;
        return (await waits()) === 'refresh-owed';
      });
      // Each comes back to wait for the other otherwise: what is compared is compared again and again meanwhile.
      const owed = await f.openOwed();
      for (const refresh of owed) expect(await quietInMs(f.t.ledger, refresh, 60_000)).toBe(0);
      for (const refresh of owed) await f.finish(refresh);
      expect(await f.finish(run)).toMatchObject({
        status: 'completed',
        differences: { missing: 0, extra: 0, stale: 0 },
      });
      expect(await f.ids()).toEqual(await tableIds());
    }, 90_000);

    it('goes back when the sink fails over in the midst of a long pass', async () => {
      await f.work('rebuild');
      await f.pass();
      await f.sql(`insert into public.book select n, 'many' from generate_series(1001, 31000) n`);
      await leaveMidway();
      const [id] = (await f.ids()).filter((one) => Number(one) > 1_000);
      await f.lose(String(id));
      // What was written until now was acknowledged by another.
      await f.sql(`update consumers set incarnation = 'another' where log = 'source'`);
      await f.sql(
        `update tasks set cursor = jsonb_build_array(jsonb_set((cursor ->> 0)::jsonb, '{incarnations}', '["another"]')::text)
          where run = $1 and kind = 'slice'`,
        [f.feed],
      );
      await until(
        'all of it is written again',
        async () => {
          await f.turn({ maxDocuments: 5_000 });
          return (await f.ids()).includes(String(id));
        },
        90_000,
      );
      expect(await f.ids()).toEqual(await tableIds());
    }, 120_000);
  });
});

describe('documents made of several tables', () => {
  const country = {
    name: 'public.country',
    table: { schema: 'public', name: 'country' },
    key: ['code'],
    keys: 'select id from public.city where country = $1',
  };
  const source = {
    ...booksDefinition.source,
    table: null,
    query: 'select c.id, c.title, n.name as country from public.city c join public.country n on n.code = c.country',
    changes: 'log' as const,
    dependencies: [
      country,
      { name: 'public.city', table: { schema: 'public', name: 'city' }, key: ['id'], keys: 'select $1::bigint as id' },
    ],
  };

  it('follow each of them: what touches many, what is taken away, and a TRUNCATE', async () => {
    const f = await feedFixture(
      'postgres',
      { source },
      {
        table: `create table public.country (code text primary key, name text);
                create table public.city (id bigint primary key, title text, country text)`,
      },
    );
    const held = async () =>
      f.sql(
        `select id, body ->> 'country' as country from public.${await f.live()} where not deleted order by id::int`,
      );
    try {
      await f.sql(`insert into public.country values ('no', 'Norway'), ('se', 'Sweden')`);
      await f.sql(
        `insert into public.city select n, 'city ' || n, case when n <= 30 then 'no' else 'se' end from generate_series(1, 40) n`,
      );
      expect(await f.work('rebuild')).toMatchObject({ status: 'completed', tally: { written: 40 } });

      await f.sql(`update public.country set name = 'Norge' where code = 'no'`);
      await f.sql(`update public.city set country = 'no' where id = 40`);
      await f.pass();
      const names = await held();
      expect(names.filter(({ country: name }) => name === 'Norge')).toHaveLength(31);
      expect(names.filter(({ country: name }) => name === 'Sweden')).toHaveLength(9);

      // The join leaves nothing of them: the old key is logged too.
      await f.sql(`update public.country set code = 'sv' where code = 'se'`);
      await f.pass();
      expect(await held()).toHaveLength(31);
      await f.sql(`truncate public.country`);
      await f.pass();
      await f.refreshOwed();
      expect(await held()).toEqual([]);
    } finally {
      await f.close();
    }
  });
});
