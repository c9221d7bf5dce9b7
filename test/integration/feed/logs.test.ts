import { Writable } from 'node:stream';
import { openConnections } from '@reindeer/connectors';
import type { IndexDefinition } from '@reindeer/core';
import { openIndexes } from '@reindeer/engine';
import { requestKeys, transaction } from '@reindeer/ledger';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SweepContext } from '../../../apps/scheduler/src/sweepContext.ts';
import { sweepLogs } from '../../../apps/scheduler/src/sweeps/logs.ts';
import { until } from '../../support/until.ts';
import { type FeedFixture, feedFixture } from './fixture.ts';

describe('the log of changes', () => {
  let f: FeedFixture;
  beforeEach(async () => {
    f = await feedFixture('postgres', { shards: 2 });
    await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 20) n`);
    await f.work('rebuild');
  });
  afterEach(() => f.close());

  /** What the leading scheduler does, with these bounds. */
  async function sweep(
    bounds: Partial<IndexDefinition['source']['log']> = {},
    others: Readonly<Record<string, IndexDefinition>> = {},
    shop = f.t.database.url,
  ): Promise<void> {
    const definition = f.definition();
    const source = { ...definition.source, log: { ...definition.source.log, ...bounds } };
    const indexes = { [f.name]: { ...definition, source }, ...others };
    const connections = openConnections(
      {
        db: { name: 'db', kind: 'postgres', url: f.t.database.url },
        shop: { name: 'shop', kind: 'postgres', url: shop },
      },
      { maxConnections: 2 },
    );
    const opened = openIndexes(indexes, connections);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const context = {
      config: { indexes },
      engine: f.desk.context,
      indexes: opened,
      logger: pino(silent),
      signal: new AbortController().signal,
    } as unknown as SweepContext;
    await sweepLogs(context).finally(() => opened.close());
  }

  const rows = async () => Number((await f.sql(`select count(*)::int as rows from reindeer_log.changes`))[0]?.rows);

  it('is pruned below what is echoed, and no further', async () => {
    await f.sql(`update public.book set title = 'changed'`);
    await f.pass();
    await sweep();
    expect(await rows()).toBeGreaterThanOrEqual(20);
    await until('it is echoed and pruned', async () => {
      await f.sql(`update consumers set echo_at = now() - interval '1 day'`);
      await f.pass();
      await sweep();
      return (await rows()) === 0;
    });
    await f.pass();
    expect(await f.sql(`select 1 from owed_refreshes`)).toEqual([]);
  });

  it.each([
    ['answers', true],
    ['does not answer', false],
  ])('keeps what an index needs whose connection has another name, where that %s', async (_, answers) => {
    const url = new URL(f.t.database.url);
    if (!answers) url.port = '1';
    const definition = f.definition();
    const source = { ...definition.source, connection: 'shop' };
    const others = { other: { ...definition, name: 'other', source } };
    await f.pass();
    await f.sql(`insert into indexes (index) values ('other')`);
    await f.sql(`with other as (
                   insert into generations (index, number, name, definition, state, run, nonce)
                   values ('other', 1, 'other_g1', 1, 'live', 0, 'other') returning generation)
                 insert into consumers (generation, log, position, echoed, joined_at, passed_at)
                 select o.generation, 'source', c.position, c.position, now(), now() from other o, consumers c where c.log = 'source'`);
    await f.sql(`update public.book set title = 'changed'`);
    const echo = async () => {
      await f.sql(`update consumers set echo_at = now() - interval '1 day'`);
      await f.pass();
      await sweep({}, others, url.href);
    };
    const echoed = `select count(*)::int as own from consumers c join generations g using (generation)
                     where g.index = $1 and c.log = 'source' and not (c.echoed ->> 'at' = any($2))`;
    const before = (await f.sql(`select echoed ->> 'at' as at from consumers where log = 'source'`)).map(
      ({ at }) => at,
    );
    await until('one of them is done with what was logged', async () => {
      await echo();
      return (await f.sql(echoed, [f.name, before]))[0]?.own === 1;
    });
    for (let more = 0; more < 3; more += 1) await echo();
    expect(await rows()).toBeGreaterThanOrEqual(20);

    await f.sql(
      `update consumers o set echoed = c.echoed from consumers c, generations g, generations og
                  where g.generation = c.generation and g.index = $1 and c.log = 'source'
                    and og.generation = o.generation and og.index = 'other'`,
      [f.name],
    );
    await sweep({}, others, url.href);
    expect(await rows()).toBe(0);
  });

  it('gives requested keys again that came with a dump of the ledger from a cluster whose transactions were ahead', async () => {
    await f.pass();
    const ids = await f.ids();
    await f.lose('7');
    await f.lose('8');
    expect(await requestKeys(f.t.ledger, f.name, [['7']])).toBe(true);
    // What the restored tables say: other transactions noted the key, and the positions are of another system.
    await f.sql(`update requested_keys set xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8`);
    await f.sql(`update consumers set position = jsonb_build_object('system', 'another', 'at', '900000000:900000000:'),
                        echoed = jsonb_build_object('system', 'another', 'at', '900000000:900000000:') where log = 'requested'`);
    expect(await requestKeys(f.t.ledger, f.name, [['8']])).toBe(true);
    await sweep();
    await f.pass();
    expect(await f.ids()).toEqual(ids);
    await until('they are echoed and pruned', async () => {
      await f.sql(`update consumers set echo_at = now() - interval '1 day'`);
      await f.pass();
      await sweep();
      return (await f.sql(`select 1 from requested_keys`)).length === 0;
    });
  });

  it('takes a start of a server that keeps its identifier to itself for another database', async () => {
    const systems = await transaction(f.t.ledger, async (client) => {
      await client.query(`revoke execute on function pg_control_system() from public`);
      await client.query(`create role unprivileged_${f.name}`);
      await client.query(`grant usage on schema reindeer to unprivileged_${f.name}`);
      await client.query(`set local role unprivileged_${f.name}`);
      const { rows } = await client.query(
        `select ledger_system() as system, ledger_system() as again, extract(epoch from pg_postmaster_start_time())::text as started`,
      );
      await client.query(`reset role; drop owned by unprivileged_${f.name}; drop role unprivileged_${f.name}`);
      await client.query(`grant execute on function pg_control_system() to public`);
      return rows[0];
    });
    expect(systems.system).toBe(systems.again);
    expect(systems.system).toMatch(/^database \d+ .* since [\d.]+$/);
    expect(systems.system).toContain(systems.started);
  });

  it.each<[string, Partial<IndexDefinition['source']['log']>]>([
    ['rows', { maxRows: 10 }],
    ['bytes', { maxBytes: 1_000 }],
    ['age', { maxAgeMs: 60_000 }],
  ])('gives up who is behind by more %s than is permitted', async (_, bounds) => {
    await f.sql(`update public.book set title = 'changed'`);
    await sweep(bounds);
    expect(await f.sql(`select 1 from consumers where invalid_at is not null`)).toEqual([]);
    await f.sql(`update consumers set passed_at = now() - interval '2 minutes' where log = 'source'`);
    await until('the bound is seen', async () => {
      await sweep(bounds);
      return (await f.sql(`select 1 from consumers where invalid_at is not null`)).length === 1;
    });
    await f.pass();
    expect(await f.sql(`select cause, count(*)::int as shards from owed_refreshes group by 1`)).toEqual([
      { cause: 'changes-pruned', shards: 2 },
    ]);
    await f.refreshOwed();
    expect(await f.sql(`select body ->> 'title' as title from public.${await f.live()} group by 1`)).toEqual([
      { title: 'changed' },
    ]);
  });

  it('gives up one generation after the other, until nothing over the bound is kept', async () => {
    await f.work('rebuild');
    await f.pass();
    await f.sql(`update public.book set title = 'changed'`);
    await f.sql(`update consumers set passed_at = now() - interval '2 minutes' where log = 'source'`);
    await f.sql(`update consumers set passed_at = passed_at - interval '1 second'
                  where log = 'source' and generation = (select generation from generations where state = 'live')`);
    expect(
      await f.sql(`select state from generations join consumers using (generation) where log = 'source' order by 1`),
    ).toEqual([{ state: 'live' }, { state: 'retained' }]);
    await until('the log is empty', async () => {
      await sweep({ maxRows: 10 });
      return (await rows()) === 0;
    });
    expect(await f.sql(`select state, stale_reason from generations order by 1`)).toEqual([
      { state: 'live', stale_reason: null },
      { state: 'retained', stale_reason: 'changes-pruned' },
    ]);
  });
});
