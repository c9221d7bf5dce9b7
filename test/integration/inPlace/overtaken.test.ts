import { requestPromotion } from '@reindeer/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InPlaceFixture, inPlaceFixture, SINKS, searchUrl } from './fixture.ts';

const { signal } = new AbortController();

describe.each(SINKS)('two promotions that end together, in %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: InPlaceFixture;
    let rebuild: number;
    beforeEach(async () => {
      f = await inPlaceFixture(sink);
      await f.sql(`create table public.book (id bigint primary key, title text)`);
      await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 20) n`);
      await f.run('rebuild');
      await f.run('rebuild');
      rebuild = await f.open('rebuild');
    });
    afterEach(() => f.close());

    async function first() {
      const [row] = await f.sql(`select generation::int as id, name from generations where number = 1`);
      return { id: Number(row?.id), name: String(row?.name) };
    }

    async function ended() {
      const [row] = await f.sql(
        `select r.status, r.reason, r.error, g.name from runs r join generations g using (generation) where r.run = $1`,
        [rebuild],
      );
      const [status, reason, error, name] = [row?.status, row?.reason, row?.error, row?.name].map(String);
      return { status, reason, error, name: String(name) };
    }

    it('says which run came first, whose swap was recorded by then, and how to go on', async () => {
      const back = await first();
      let rollback = 0;
      const { open } = f.desk;
      Object.assign(f.desk, {
        open: async (index: string) => {
          const opened = await open(index);
          const promote: typeof opened.sink.promote = async (to, ...expected) => {
            if (rollback === 0) {
              rollback = await f.open('promote', { generation: back.id });
              expect(await f.finish(rollback)).toMatchObject({ status: 'completed' });
            }
            return opened.sink.promote(to, ...expected);
          };
          return { ...opened, sink: Object.setPrototypeOf({ promote }, opened.sink) };
        },
      });
      await f.finish(rebuild);
      const { status, reason, error, name } = await ended();
      expect({ status, reason }).toEqual({ status: 'failed', reason: 'superseded' });
      expect(error).toContain(`run ${rollback}, made ${back.name} live first`);
      expect(error).toContain(`\`reindeer promote ${f.name} ${name}\``);
      expect(await f.live()).toBe(back.name);
      // As it says.
      const asked = { direction: 'on', generation: name, force: false, note: null, actor: 'test' } as const;
      const answer = await requestPromotion(
        { ledger: f.t.ledger, deliver: async () => {} },
        { ...asked, index: f.definition() },
      );
      if (answer.kind !== 'started') throw new Error(answer.detail);
      expect(await f.finish(answer.run)).toMatchObject({ status: 'completed' });
      expect(await f.live()).toBe(name);
    });

    it('says so of one whose swap is made and not yet recorded', async () => {
      const back = await first();
      const rollback = await f.open('promote', { generation: back.id });
      await f.sql(`update runs set phase = 'promoting' where run = $1`, [rollback]);
      await promoted(back.name);
      await f.finish(rebuild);
      const { reason, error } = await ended();
      expect(reason).toBe('superseded');
      expect(error).toContain(`run ${rollback}, made ${back.name} live first`);
      // The ledger was not taken for one that went back in time: tickets are where the clock is.
      const [tickets] = await f.sql(
        `select to_timestamp(bound / 1000000.0) < now() + interval '1 minute' as current from ticket_bound`,
      );
      expect(tickets?.current).toBe(true);
      expect(await f.finish(rollback)).toMatchObject({ status: 'completed' });
      expect(await f.live()).toBe(back.name);
    });

    it('tells what a person moved from it', async () => {
      await f.moveReaders((await first()).name);
      await f.finish(rebuild);
      expect(await ended()).toMatchObject({ status: 'failed', reason: 'sink-moved' });
    });

    async function promoted(name: string): Promise<void> {
      const { sink: port } = await f.desk.open(f.name);
      await port.promote({ index: f.name, name }, await port.live(f.name, signal), signal);
    }
  });
});
