import { type Operation, UnavailableError } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('writing to a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_writing');
  const { signal, open, metadata, put, one } = f;

  it('keeps numbers as numeric, equal digit by digit', async () => {
    const generation = await open().createGeneration(metadata('digits'), signal);
    const body = '{"a": 0.1000, "b": 9007199254740993, "c": 1e400}';
    await open().write(generation, [{ ...put('1', {}), body } as Operation], signal);
    expect(await one(`select body = $1::jsonb from ${generation.name}`, [body])).toBe(true);
    expect(await one(`select body ->> 'a' from ${generation.name}`)).toBe('0.1000');
    expect(await one(`select body ->> 'b' from ${generation.name}`)).toBe('9007199254740993');
    expect(await one(`select (body -> 'c')::numeric = 1e400 from ${generation.name}`)).toBe(true);
  });

  it('stamps documents and tombstones', async () => {
    const generation = await open().createGeneration(metadata('stamped'), signal);
    const stamp = { ticket: 1_763_900_000_000_001, shard: 3, bucket: 1_048_575 };
    await open().write(
      generation,
      [
        { kind: 'index', id: 'a', body: 'null', f1: 4_294_967_295, f2: 0, ...stamp },
        { kind: 'delete', id: 'b', ...stamp },
      ],
      signal,
    );
    const { rows } = await f
      .pool()
      .query(`select id, body::text, s, b, t::text, f1::text, f2::text, deleted from ${generation.name} order by id`);
    const common = { s: 3, b: 1_048_575, t: '1763900000000001' };
    expect(rows).toEqual([
      { id: 'a', body: 'null', ...common, f1: '4294967295', f2: '0', deleted: false },
      { id: 'b', body: null, ...common, f1: null, f2: null, deleted: true },
    ]);
  });

  it('waits for the disk whatever the database has as its default', async () => {
    await f.pool().query(`alter database ${f.database().name} set synchronous_commit = off`);
    const sink = open();
    try {
      const generation = await sink.createGeneration(metadata('durable'), signal);
      await f.pool().query(`create table told (setting text);
        create function tell() returns trigger language plpgsql as
          $$ begin insert into public.told values (current_setting('synchronous_commit')); return null; end $$;
        create trigger tell after insert on ${generation.name} for each statement execute function tell()`);
      await sink.write(generation, [put('a', {})], signal);
      expect(await one('select setting from told')).toBe('on');
    } finally {
      await f.pool().query(`alter database ${f.database().name} reset synchronous_commit`);
    }
  });

  it('finds the few bad ones among 2,000, and tells two broken ids apart', async () => {
    const generation = await open().createGeneration(metadata('narrowed'), signal);
    const documents = Array.from({ length: 2_000 }, (_, at) => put(`${at}`, { at: at % 700 === 5 ? '\0' : at }));
    const outcomes = await open().write(generation, [...documents, put('\ud800', {}), put('\ud801', {})], signal);
    const refused = outcomes.flatMap(({ kind }, at) => (kind === 'rejected' ? [at] : []));
    expect(refused).toEqual([5, 705, 1_405, 2_000, 2_001]);
    expect(outcomes[5]).toEqual({
      kind: 'rejected',
      reason: 'document-refused',
      detail: expect.stringContaining('SQLSTATE 22P05'),
    });
    expect(await open().count(generation, signal)).toBe(1_997);
  });

  it('never deadlocks writers that go through the same ids in opposite orders', async () => {
    const [one, two] = [open(), open()];
    const generation = await one.createGeneration(metadata('crossed'), signal);
    const ids = Array.from({ length: 1_000 }, (_, at) => `id-${at}`);
    for (let round = 0; round < 15; round += 1) {
      const batch = ids.map((id) => put(id, { round }, round));
      const outcomes = await Promise.all([
        one.write(generation, batch, signal),
        two.write(generation, batch.toReversed(), signal),
      ]);
      expect(new Set(outcomes.flat().map(({ kind }) => kind))).toEqual(new Set(['written']));
    }
  });

  it('says busy when another session holds the table for too long', async () => {
    const generation = await open().createGeneration(metadata('locked'), signal);
    const client = await f.pool().connect();
    await client.query(`begin; lock table ${generation.name}`);
    try {
      expect(await open().write(generation, [put('a', {})], signal)).toEqual([{ kind: 'busy', retryAfterMs: null }]);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('is unavailable when its connection is cut, and writes again at the next call', async () => {
    const sink = open();
    const generation = await sink.createGeneration(metadata('cut'), signal);
    const client = await f.pool().connect();
    await client.query(`begin; lock table ${generation.name}`);
    try {
      const writing = sink.write(generation, [put('a', {})], signal).catch((error: unknown) => error);
      const cut = `select count(pg_terminate_backend(pid))::int from pg_stat_activity
                    where wait_event_type = 'Lock' and query like '%' || $1 || '%' and pid <> pg_backend_pid()`;
      await expect.poll(() => one(cut, [generation.name])).toBe(1);
      const error = await writing;
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ reason: 'sink-unavailable' });
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await sink.write(generation, [put('a', {})], signal)).toEqual([{ kind: 'written' }]);
  });

  it('is unavailable where nobody listens', async () => {
    const sink = open({}, {}, 'postgres://nobody@127.0.0.1:1/none');
    await expect(sink.live('x', signal)).rejects.toMatchObject({ reason: 'sink-unavailable' });
    await expect(sink.write({ index: 'x', name: 'x_g1_a' }, [put('a', {})], signal)).rejects.toBeInstanceOf(
      UnavailableError,
    );
  });
});
