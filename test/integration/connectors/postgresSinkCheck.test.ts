import { describe, expect, it } from 'vitest';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('check() of a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_check');
  const { signal, open, metadata, put, fill } = f;

  it('names a grant that is missing, and is content once it is given', async () => {
    const role = `limited_${f.database().name}`.slice(0, 60);
    await f.pool().query(`create role "${role}" login password 'secret'; create schema "Search me"`);
    const url = new URL(f.database().url);
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
      await f.pool().query(/GRANT .*;/.exec(error.message)?.[0] ?? '');
      expect(await sink.check('limited', signal)).toEqual([]);
      const generation = await fill(sink, 'limited', 1, [put('1', { a: 'herd' })]);
      await sink.promote(generation, null, signal);
      expect(await sink.search('limited', 'herd', 1, signal)).toHaveLength(1);
      await f.close(sink);
    } finally {
      await f.pool().query(`drop owned by "${role}" cascade; drop role "${role}"`);
    }
  });

  it('names a schema that is missing', async () => {
    const sink = open({}, { schema: 'nowhere' });
    const error: Error = await sink.check('x', signal).then(
      () => Promise.reject(new Error('not refused')),
      (thrown) => thrown,
    );
    await f.pool().query(/CREATE SCHEMA .*;/.exec(error.message)?.[0] ?? '');
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
