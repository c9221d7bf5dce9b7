import { describe, expect, it } from 'vitest';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('tombstones in a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_tombstones');
  const { signal, open, metadata, put, fill, one } = f;

  it('go after an hour by the clock of the server, however their tickets are, and documents stay', async () => {
    const sink = open();
    const generation = await fill(sink, 'purged', 1, [put('a', {}), put('b', {}), put('old', {})]);
    const bury = (id: string, ticket: number) =>
      sink.write(generation, [{ kind: 'delete', id, ticket, shard: 0, bucket: 0 }], signal);
    await bury('old', 20);
    await bury('again', 20);
    await f.pool().query(`update ${generation.name} set deleted_at = deleted_at - interval '61 minutes' where deleted`);
    await bury('young', 11);
    await sink.write(generation, [put('again', {}, 30)], signal);
    await bury('again', 40);
    expect(await sink.purge(generation, signal)).toBe(1);
    expect(await one(`select array_agg(id order by id) from ${generation.name} where deleted`)).toEqual([
      'again',
      'young',
    ]);
    expect(await sink.write(generation, [put('young', {}, 10), put('again', {}, 39)], signal)).toEqual([
      { kind: 'superseded', by: 11 },
      { kind: 'superseded', by: 40 },
    ]);
    // Forgotten: the feed's echo and the time that has passed keep such a write from coming.
    expect(await sink.write(generation, [put('old', {}, 19)], signal)).toEqual([{ kind: 'written' }]);
    expect(await sink.count(generation, signal)).toBe(3);
  });

  it('are purged in parts, beside writers, and found by an index', async () => {
    const sink = open();
    const generation = await fill(sink, 'buried', 1, []);
    await f.pool().query(`insert into ${generation.name} (id, s, b, t, deleted, deleted_at)
      select n::text, 0, 0, 1, true, now() - interval '2 hours' from generate_series(1, 60_000) n`);
    await f.pool().query(`insert into ${generation.name} (id, s, b, t, body, deleted)
      select 'kept ' || n, 0, 0, 1, '{}', false from generate_series(1, 20_000) n; analyze ${generation.name}`);
    const { rows } = await f
      .pool()
      .query(`explain select id from ${generation.name} where deleted and deleted_at < now() - interval '1 day'`);
    expect(JSON.stringify(rows)).toContain('deleted_at_idx');
    const client = await f.pool().connect();
    await client.query(`begin; select from ${generation.name} where id = '7' for update`);
    try {
      expect(await sink.purge(generation, signal)).toBe(50_000);
      expect(await sink.purge(generation, signal)).toBe(9_999);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await sink.purge(generation, signal)).toBe(1);
    expect(await sink.count(generation, signal)).toBe(20_000);
  });

  it('of a table that an older version made get an age, and its metadata are read', async () => {
    const sink = open();
    const generation = await sink.createGeneration(metadata('aged'), signal);
    await sink.write(generation, [{ kind: 'delete', id: 'a', ticket: 20, shard: 0, bucket: 0 }], signal);
    await f.pool().query(`alter table ${generation.name} drop column deleted_at;
      alter table reindeer_generations drop column fingerprint, drop column system, drop column ledger`);
    expect((await sink.list('aged', signal))[0]?.metadata).toEqual(metadata('aged'));
    expect(await sink.write(generation, [put('a', {}, 10), put('b', {}, 10)], signal)).toEqual([
      { kind: 'superseded', by: 20 },
      { kind: 'written' },
    ]);
    await f.pool().query(`alter table ${generation.name} drop column deleted_at`);
    expect(await sink.purge(generation, signal)).toBe(0);
    await f.pool().query(`update ${generation.name} set deleted_at = deleted_at - interval '61 minutes'`);
    expect(await sink.purge(generation, signal)).toBe(1);
    const told = { ...metadata('aged', 2), fingerprint: 'one', system: '7/1', ledger: 'ours' };
    await sink.createGeneration(told, signal);
    expect((await sink.list('aged', signal))[0]?.metadata).toEqual(told);
  });
});
