import { describe, expect, it } from 'vitest';
import type { LiveGeneration } from '../../../packages/connectors/src/sink.ts';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('the view of a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_view');
  const { signal, open, put, fill, one } = f;

  it('refuses to swap over a view that a person altered, and says how to restore it', async () => {
    const sink = open();
    const live = await sink.promote(await fill(sink, 'altered', 1, [put('1', {})]), null, signal);
    const next = await fill(sink, 'altered', 2, [put('1', {})]);
    await f.pool().query(`create or replace view altered as select id, body, search from ${live.generation.name}`);
    const error: Error = await sink.promote(next, live, signal).then(
      () => Promise.reject(new Error('swapped')),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ reason: 'sink-moved' });
    const remedy = /To restore it: (.*)$/.exec(error.message)?.[1] ?? '';
    await f.pool().query(remedy);
    expect(await sink.promote(next, live, signal)).toEqual({ generation: next, epoch: 2 });
  });

  it('refuses while the view reads something else, and after it was dropped', async () => {
    const sink = open();
    const live = await sink.promote(await fill(sink, 'elsewhere', 1, []), null, signal);
    const next = await fill(sink, 'elsewhere', 2, []);
    await f.pool().query(
      `create or replace view elsewhere as
         select id, body, search from ${live.generation.name} union all select id, body, search from ${next.name}`,
    );
    await expect(sink.live('elsewhere', signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    await expect(sink.promote(next, live, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    await expect(sink.drop(next, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    await f.pool().query('drop view elsewhere');
    await expect(sink.promote(next, live, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
    expect(await sink.live('elsewhere', signal)).toBeNull();
    // Epochs go on, so that who remembers an older one stays deposed.
    expect(await sink.promote(next, null, signal)).toEqual({ generation: next, epoch: 2 });
  });

  it('keeps the grants of readers', async () => {
    const sink = open();
    const first = await sink.promote(await fill(sink, 'granted', 1, []), null, signal);
    await f.pool().query('grant select on granted to public');
    await sink.promote(await fill(sink, 'granted', 2, []), first, signal);
    expect(await one(`select relacl::text from pg_class where relname = 'granted'`)).toContain('=r/');
  });

  it('waits for a reader in a transaction', async () => {
    const sink = open();
    const live = await sink.promote(await fill(sink, 'waited', 1, []), null, signal);
    const next = await fill(sink, 'waited', 2, []);
    const client = await f.pool().connect();
    await client.query('begin; select * from waited');
    const swapping: Promise<LiveGeneration> = sink.promote(next, live, signal);
    const waiting = `select count(*)::int from pg_stat_activity
                      where wait_event_type = 'Lock' and query like 'create or replace view%waited%'`;
    await expect.poll(() => one(waiting)).toBe(1);
    await client.query('commit');
    client.release();
    expect(await swapping).toEqual({ generation: next, epoch: 2 });
  });

  it('gives up when a reader never ends', async () => {
    const sink = open();
    const live = await sink.promote(await fill(sink, 'blocked', 1, []), null, signal);
    const next = await fill(sink, 'blocked', 2, []);
    const client = await f.pool().connect();
    await client.query('begin; select * from blocked');
    await expect(sink.promote(next, live, signal)).rejects.toMatchObject({
      reason: 'sink-unavailable',
      message: expect.stringContaining('pg_locks'),
    });
    await client.query('commit');
    client.release();
    expect(await sink.live('blocked', signal)).toEqual(live);
  });
});
