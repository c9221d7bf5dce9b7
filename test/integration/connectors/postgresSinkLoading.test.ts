import { describe, expect, it } from 'vitest';
import type { GenerationRef } from '../../../packages/connectors/src/sink.ts';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('loading and settling a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_loading');
  const { signal, open, metadata, put, fill, one } = f;

  const options = (generation: GenerationRef) =>
    one<string[] | null>('select reloptions from pg_class where relname = $1', [generation.name]);
  const indexes = (generation: GenerationRef) =>
    one<number>(`select count(*)::int from pg_indexes where tablename = $1 and indexdef like '%gin%'`, [
      generation.name,
    ]);

  it('loads into a logged table without search index or autovacuum, and settle gives both', async () => {
    const sink = open();
    const generation = await sink.createGeneration(metadata('loaded'), signal);
    expect(await options(generation)).toEqual(['autovacuum_enabled=off']);
    expect(await indexes(generation)).toBe(0);
    expect(await one('select relpersistence from pg_class where relname = $1', [generation.name])).toBe('p');
    await sink.settle(generation, signal);
    expect(await options(generation)).toBeNull();
    expect(await indexes(generation)).toBe(1);
  });

  it('replaces an index that somebody left invalid', async () => {
    const sink = open();
    const generation = await fill(sink, 'halfbuilt', 1, [put('1', { a: 'b' })]);
    await f
      .pool()
      .query(`update pg_index set indisvalid = false where indrelid = $1::regclass and not indisprimary`, [
        generation.name,
      ]);
    await sink.settle(generation, signal);
    expect(await indexes(generation)).toBe(1);
    expect(
      await one('select bool_and(indisvalid) from pg_index where indrelid = $1::regclass', [generation.name]),
    ).toBe(true);
  });

  it('leaves nothing half-built when it is stopped', async () => {
    const sink = open();
    const generation = await sink.createGeneration(metadata('stopped'), signal);
    const client = await f.pool().connect();
    // The index can be built only after this writer has ended.
    await client.query(`begin; lock table ${generation.name} in row exclusive mode`);
    const abort = new AbortController();
    const settling = sink.settle(generation, abort.signal).catch((error: unknown) => error);
    const waiting = `select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and query like $1`;
    await expect.poll(() => one(waiting, [`lock table%${generation.name}%`])).toBe(1);
    abort.abort(new Error('stopped'));
    expect(await settling).toEqual(new Error('stopped'));
    await client.query('rollback');
    client.release();
    expect(await indexes(generation)).toBe(0);
    await sink.settle(generation, signal);
    expect(await indexes(generation)).toBe(1);
  });
});
