import { type Operation, UnavailableError } from '@reindeer/core';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSink } from '../../../packages/connectors/src/conformance/sink.ts';
import { openPostgresSink } from '../../../packages/connectors/src/postgres-sink/index.ts';
import type { GenerationMetadata, GenerationRef, LiveGeneration, Sink } from '../../../packages/connectors/src/sink.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import { testPool } from '../../support/testPool.ts';
import { postgresSinkHarness } from './postgresSinkHarness.ts';

describeSink('PostgreSQL', {
  harness: postgresSinkHarness,
  capabilities: { versions: true, atomicSwap: true, adopts: false },
});

describe('PostgreSQL as a sink, in particular', () => {
  const signal = AbortSignal.timeout(120_000);
  const sinks: Sink[] = [];
  let database: FreshDatabase;
  let pool: pg.Pool;

  beforeAll(async () => {
    database = await freshDatabase('postgres_sink_particular');
    pool = testPool(database.url);
  });
  afterAll(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    await pool.end();
    await database.drop();
  });

  const open = (mappings: Record<string, unknown> = {}, settings: Record<string, unknown> = {}, url = database.url) => {
    const definition = { connection: 'search', mappings, settings };
    const sink = openPostgresSink({ connection: { name: 'search', url }, definition });
    sinks.push(sink);
    return sink;
  };
  const metadata = (index: string, number = 1): GenerationMetadata => {
    return { index, name: `${index}_g${number}_k3f9`, nonce: 'k3f9', number, definition: 1, ticketBound: 1 };
  };
  const put = (id: string, body: unknown, ticket = 10): Operation => {
    return { kind: 'index', id, ticket, shard: 0, bucket: 0, body: JSON.stringify(body), f1: 1, f2: 2 };
  };
  const fill = async (sink: Sink, index: string, number: number, documents: readonly Operation[]) => {
    const generation = await sink.createGeneration(metadata(index, number), signal);
    await sink.write(generation, documents, signal);
    await sink.settle(generation, signal);
    return generation;
  };
  const one = async <T>(sql: string, values: unknown[] = []): Promise<T> => {
    const { rows } = await pool.query({ text: sql, values, rowMode: 'array' });
    return rows[0]?.[0] as T;
  };

  describe('search', () => {
    it('searches the named fields, in the language, by weight', async () => {
      const sink = open({ text: ['name', 'address.city', 'code'], language: 'english', weights: { name: 'A' } });
      const generation = await fill(sink, 'weighted', 1, [
        put('in-city', { name: 'x', address: { city: 'Running Springs' } }),
        put('in-name', { name: 'Runs', address: { city: 'y' } }),
        put('elsewhere', { note: 'running', address: {} }),
        put('number', { code: 10_115 }),
      ]);
      await sink.promote(generation, null, signal);
      const found = async (query: string) => (await sink.search('weighted', query, 9, signal)).map(({ id }) => id);
      expect(await found('run')).toEqual(['in-name', 'in-city']);
      expect(await found('10115')).toEqual(['number']);
      expect(await found('run -springs')).toEqual(['in-name']);
    });

    it('uses the index, and shows readers id, body and search alone', async () => {
      const sink = open();
      const documents = Array.from({ length: 3_000 }, (_, at) => put(`${at}`, { name: `Town ${at}` }));
      await sink.promote(await fill(sink, 'planned', 1, documents), null, signal);
      const { rows } = await pool.query(`explain select id from planned where search @@ to_tsquery('simple', '77')`);
      expect(JSON.stringify(rows)).toContain('Bitmap Index Scan');
      const { fields } = await pool.query('select * from planned limit 1');
      expect(fields.map(({ name }) => name)).toEqual(['id', 'body', 'search']);
    });

    it('asks the live generation in its own language when the configuration has another already', async () => {
      const english = open({ language: 'english' });
      await english.promote(await fill(english, 'spoken', 1, [put('1', { text: 'the mountains' })]), null, signal);
      expect(await open({ language: 'simple' }).search('spoken', 'mountain', 1, signal)).toHaveLength(1);
    });
  });

  describe('writing', () => {
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
      const { rows } = await pool.query(
        `select id, body::text, s, b, t::text, f1::text, f2::text, deleted from ${generation.name} order by id`,
      );
      const common = { s: 3, b: 1_048_575, t: '1763900000000001' };
      expect(rows).toEqual([
        { id: 'a', body: 'null', ...common, f1: '4294967295', f2: '0', deleted: false },
        { id: 'b', body: null, ...common, f1: null, f2: null, deleted: true },
      ]);
    });

    it('waits for the disk whatever the database has as its default', async () => {
      await pool.query(`alter database ${database.name} set synchronous_commit = off`);
      const sink = open();
      try {
        const generation = await sink.createGeneration(metadata('durable'), signal);
        await pool.query(`create table told (setting text);
          create function tell() returns trigger language plpgsql as
            $$ begin insert into public.told values (current_setting('synchronous_commit')); return null; end $$;
          create trigger tell after insert on ${generation.name} for each statement execute function tell()`);
        await sink.write(generation, [put('a', {})], signal);
        expect(await one('select setting from told')).toBe('on');
      } finally {
        await pool.query(`alter database ${database.name} reset synchronous_commit`);
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
      const client = await pool.connect();
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
      const client = await pool.connect();
      await client.query(`begin; lock table ${generation.name}`);
      try {
        const writing = sink.write(generation, [put('a', {})], signal).catch((error: unknown) => error);
        const cut = `select count(pg_terminate_backend(pid))::int from pg_stat_activity
                      where wait_event_type = 'Lock' and query like '%' || $1 || '%' and pid <> pg_backend_pid()`;
        await expect.poll(() => one(cut, [generation.name]), { timeout: 10_000 }).toBe(1);
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

  describe('loading and settling', () => {
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
      await pool.query(`update pg_index set indisvalid = false where indrelid = $1::regclass and not indisprimary`, [
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
      const client = await pool.connect();
      // The index can be built only after this writer has ended.
      await client.query(`begin; lock table ${generation.name} in row exclusive mode`);
      const abort = new AbortController();
      const settling = sink.settle(generation, abort.signal).catch((error: unknown) => error);
      const waiting = `select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and query like $1`;
      await expect.poll(() => one(waiting, [`lock table%${generation.name}%`]), { timeout: 10_000 }).toBe(1);
      abort.abort(new Error('stopped'));
      expect(await settling).toEqual(new Error('stopped'));
      await client.query('rollback');
      client.release();
      expect(await indexes(generation)).toBe(0);
      await sink.settle(generation, signal);
      expect(await indexes(generation)).toBe(1);
    });
  });

  describe('the view', () => {
    it('refuses to swap over a view that a person altered, and says how to restore it', async () => {
      const sink = open();
      const live = await sink.promote(await fill(sink, 'altered', 1, [put('1', {})]), null, signal);
      const next = await fill(sink, 'altered', 2, [put('1', {})]);
      await pool.query(`create or replace view altered as select id, body, search from ${live.generation.name}`);
      const error: Error = await sink.promote(next, live, signal).then(
        () => Promise.reject(new Error('swapped')),
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ reason: 'sink-moved' });
      const remedy = /To restore it: (.*)$/.exec(error.message)?.[1] ?? '';
      await pool.query(remedy);
      expect(await sink.promote(next, live, signal)).toEqual({ generation: next, epoch: 2 });
    });

    it('refuses while the view reads something else, and after it was dropped', async () => {
      const sink = open();
      const live = await sink.promote(await fill(sink, 'elsewhere', 1, []), null, signal);
      const next = await fill(sink, 'elsewhere', 2, []);
      await pool.query(
        `create or replace view elsewhere as
           select id, body, search from ${live.generation.name} union all select id, body, search from ${next.name}`,
      );
      await expect(sink.live('elsewhere', signal)).rejects.toMatchObject({ reason: 'sink-moved' });
      await expect(sink.promote(next, live, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
      await expect(sink.drop(next, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
      await pool.query('drop view elsewhere');
      await expect(sink.promote(next, live, signal)).rejects.toMatchObject({ reason: 'sink-moved' });
      expect(await sink.live('elsewhere', signal)).toBeNull();
      // Epochs go on, so that who remembers an older one stays deposed.
      expect(await sink.promote(next, null, signal)).toEqual({ generation: next, epoch: 2 });
    });

    it('keeps the grants of readers', async () => {
      const sink = open();
      const first = await sink.promote(await fill(sink, 'granted', 1, []), null, signal);
      await pool.query('grant select on granted to public');
      await sink.promote(await fill(sink, 'granted', 2, []), first, signal);
      expect(await one(`select relacl::text from pg_class where relname = 'granted'`)).toContain('=r/');
    });

    it('waits for a reader in a transaction', async () => {
      const sink = open();
      const live = await sink.promote(await fill(sink, 'waited', 1, []), null, signal);
      const next = await fill(sink, 'waited', 2, []);
      const client = await pool.connect();
      await client.query('begin; select * from waited');
      const swapping: Promise<LiveGeneration> = sink.promote(next, live, signal);
      const waiting = `select count(*)::int from pg_stat_activity
                        where wait_event_type = 'Lock' and query like 'create or replace view%waited%'`;
      await expect.poll(() => one(waiting), { timeout: 10_000, interval: 20 }).toBe(1);
      await client.query('commit');
      client.release();
      expect(await swapping).toEqual({ generation: next, epoch: 2 });
    });

    it('gives up when a reader never ends', async () => {
      const sink = open();
      const live = await sink.promote(await fill(sink, 'blocked', 1, []), null, signal);
      const next = await fill(sink, 'blocked', 2, []);
      const client = await pool.connect();
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

  describe('tombstones', () => {
    it('go after an hour by the clock of the server, however their tickets are, and documents stay', async () => {
      const sink = open();
      const generation = await fill(sink, 'purged', 1, [put('a', {}), put('b', {}), put('old', {})]);
      const bury = (id: string, ticket: number) =>
        sink.write(generation, [{ kind: 'delete', id, ticket, shard: 0, bucket: 0 }], signal);
      await bury('old', 20);
      await bury('again', 20);
      await pool.query(`update ${generation.name} set deleted_at = deleted_at - interval '61 minutes' where deleted`);
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
      await pool.query(`insert into ${generation.name} (id, s, b, t, deleted, deleted_at)
        select n::text, 0, 0, 1, true, now() - interval '2 hours' from generate_series(1, 60_000) n`);
      await pool.query(`insert into ${generation.name} (id, s, b, t, body, deleted)
        select 'kept ' || n, 0, 0, 1, '{}', false from generate_series(1, 20_000) n; analyze ${generation.name}`);
      const { rows } = await pool.query(
        `explain select id from ${generation.name} where deleted and deleted_at < now() - interval '1 day'`,
      );
      expect(JSON.stringify(rows)).toContain('deleted_at_idx');
      const client = await pool.connect();
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
      await pool.query(`alter table ${generation.name} drop column deleted_at;
        alter table reindeer_generations drop column fingerprint, drop column system, drop column ledger`);
      expect((await sink.list('aged', signal))[0]?.metadata).toEqual(metadata('aged'));
      expect(await sink.write(generation, [put('a', {}, 10), put('b', {}, 10)], signal)).toEqual([
        { kind: 'superseded', by: 20 },
        { kind: 'written' },
      ]);
      await pool.query(`alter table ${generation.name} drop column deleted_at`);
      expect(await sink.purge(generation, signal)).toBe(0);
      await pool.query(`update ${generation.name} set deleted_at = deleted_at - interval '61 minutes'`);
      expect(await sink.purge(generation, signal)).toBe(1);
      const told = { ...metadata('aged', 2), fingerprint: 'one', system: '7/1', ledger: 'ours' };
      await sink.createGeneration(told, signal);
      expect((await sink.list('aged', signal))[0]?.metadata).toEqual(told);
    });
  });

  describe('incarnation', () => {
    it('changes when the table was put back from a copy, and needs no rights on the server', async () => {
      const sink = open();
      const generation = await sink.createGeneration(metadata('copied'), signal);
      const first = await sink.incarnation(generation, signal);
      expect(first).not.toContain('?');
      await pool.query(`create table copy (like ${generation.name} including all);
        drop table ${generation.name}; alter table copy rename to ${generation.name}`);
      const second = await sink.incarnation(generation, signal);
      expect(second).not.toBe(first);

      const role = `plain_${database.name}`.slice(0, 60);
      await pool.query(`create role "${role}" login password 'secret';
        grant select on reindeer_generations, reindeer_live to "${role}";
        revoke execute on function pg_control_system() from public;
        revoke execute on function pg_current_wal_lsn() from public`);
      const url = new URL(database.url);
      url.username = role;
      url.password = 'secret';
      try {
        const sparse = await open({}, {}, url.href).incarnation(generation, signal);
        expect(sparse).toBe(second.replace(/^[^/]+\/[^/]+/, '?/?'));
      } finally {
        await pool.query(`grant execute on function pg_control_system() to public;
          grant execute on function pg_current_wal_lsn() to public;
          drop owned by "${role}" cascade; drop role "${role}"`);
      }
    });
  });

  describe('check', () => {
    it('names a grant that is missing, and is content once it is given', async () => {
      const role = `limited_${database.name}`.slice(0, 60);
      await pool.query(`create role "${role}" login password 'secret'; create schema "Search me"`);
      const url = new URL(database.url);
      url.username = role;
      url.password = 'secret';
      try {
        const sink = open({}, { schema: 'Search me' }, url.href);
        const error: Error = await sink.check('limited', signal).then(
          () => Promise.reject(new Error('not refused')),
          (thrown) => thrown,
        );
        expect(error).toMatchObject({ name: 'InputError', code: 'denied' });
        await expect(sink.createGeneration(metadata('limited'), signal)).rejects.toMatchObject({ code: 'denied' });
        await pool.query(/GRANT .*;/.exec(error.message)?.[0] ?? '');
        expect(await sink.check('limited', signal)).toEqual([]);
        const generation = await fill(sink, 'limited', 1, [put('1', { a: 'herd' })]);
        await sink.promote(generation, null, signal);
        expect(await sink.search('limited', 'herd', 1, signal)).toHaveLength(1);
        await sink.close();
        sinks.splice(sinks.indexOf(sink), 1);
      } finally {
        await pool.query(`drop owned by "${role}" cascade; drop role "${role}"`);
      }
    });

    it('names a schema that is missing', async () => {
      const sink = open({}, { schema: 'nowhere' });
      const error: Error = await sink.check('x', signal).then(
        () => Promise.reject(new Error('not refused')),
        (thrown) => thrown,
      );
      await pool.query(/CREATE SCHEMA .*;/.exec(error.message)?.[0] ?? '');
      expect(await sink.check('x', signal)).toEqual([]);
    });

    it('names languages for one that the server does not have', async () => {
      const sink = open({ language: 'English' });
      const expected = {
        name: 'InputError',
        message: expect.stringMatching(/^sink\.mappings\.language: "English".*pg_ts_config.*english/),
      };
      await expect(sink.check('x', signal)).rejects.toMatchObject(expected);
      await expect(sink.createGeneration(metadata('x'), signal)).rejects.toMatchObject(expected);
    });

    it('refuses names that the server would cut', async () => {
      const long = 'n'.repeat(50);
      await expect(open().check(long, signal)).rejects.toMatchObject({ code: 'name-too-long' });
      const name = `${long}_g1_${'x'.repeat(12)}`;
      await expect(open().createGeneration({ ...metadata(long), name }, signal)).rejects.toMatchObject({
        code: 'name-too-long',
      });
      const longest = 'ä'.repeat(23);
      expect(await open().check(longest, signal)).toEqual([]);
      const generation = await fill(open(), longest, 123_456, [put('1', {})]);
      expect(await open().promote(generation, null, signal)).toEqual({ generation, epoch: 1 });
    });
  });
});
