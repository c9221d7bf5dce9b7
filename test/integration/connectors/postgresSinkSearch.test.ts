import { describe, expect, it } from 'vitest';
import { usePostgresSink } from './postgresSinkFixture.ts';

describe('searching in a PostgreSQL sink', () => {
  const f = usePostgresSink('sink_search');
  const { signal, open, put, fill } = f;

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
    const { rows } = await f.pool().query(`explain select id from planned where search @@ to_tsquery('simple', '77')`);
    expect(JSON.stringify(rows)).toContain('Bitmap Index Scan');
    const { fields } = await f.pool().query('select * from planned limit 1');
    expect(fields.map(({ name }) => name)).toEqual(['id', 'body', 'search']);
  });

  it('asks the live generation in its own language when the configuration has another already', async () => {
    const english = open({ language: 'english' });
    await english.promote(await fill(english, 'spoken', 1, [put('1', { text: 'the mountains' })]), null, signal);
    expect(await open({ language: 'simple' }).search('spoken', 'mountain', 1, signal)).toHaveLength(1);
  });
});
