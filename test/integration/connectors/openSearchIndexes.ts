import { expect, it } from 'vitest';
import type { GenerationRef } from '../../../packages/connectors/src/sink.ts';
import { useOpenSearch } from './openSearchFixture.ts';

const ALL = { shard: null, buckets: { from: 0, to: 2 ** 20 } };

/** What generations are made of, and how their settings come and go. */
export function indexTests(url: string): void {
  const { signal, client, open, fresh, make, put } = useOpenSearch(url);
  const settingsOf = async ({ name }: GenerationRef): Promise<Record<string, unknown>> => {
    const found = await client('GET', `${name}/_settings?flat_settings=true`);
    return found[name].settings;
  };

  it('sets aside what slows loading, and gives back exactly what was configured', async () => {
    const configured = { index: { refresh_interval: '7s', number_of_shards: 2 }, number_of_replicas: 0 };
    const sink = open({ settings: { ...configured, 'index.auto_expand_replicas': '0-1' } });
    const generation = await make(sink, fresh());
    expect(await settingsOf(generation)).toMatchObject({
      'index.refresh_interval': '-1',
      'index.number_of_replicas': '0',
      'index.auto_expand_replicas': 'false',
      'index.number_of_shards': '2',
      'index.gc_deletes': '1h',
    });
    await sink.write(generation, [put('a', {})], signal);
    expect(await sink.count(generation, signal)).toBe(0);
    // As another process, which may have died half way.
    await open().settle(generation, signal);
    expect(await settingsOf(generation)).toMatchObject({
      'index.refresh_interval': '7s',
      'index.auto_expand_replicas': '0-1',
      'index.gc_deletes': '1h',
    });
    expect(await sink.count(generation, signal)).toBe(1);
  });

  it("gives back the server's defaults where nothing was configured, and leaves later changes alone", async () => {
    const sink = open({ settings: {} });
    const generation = await make(sink, fresh());
    await sink.settle(generation, signal);
    const settled = await settingsOf(generation);
    expect(settled['index.refresh_interval']).toBeUndefined();
    expect(settled['index.number_of_replicas']).toBe('1');
    await client('PUT', `${generation.name}/_settings`, { 'index.number_of_replicas': 2 });
    await sink.settle(generation, signal);
    expect((await settingsOf(generation))['index.number_of_replicas']).toBe('2');
  });

  it.each(['strict', false, true])('maps its stamp under dynamic: %s, away from full text', async (dynamic) => {
    const mappings = { dynamic, _meta: { owner: 'us' }, properties: { name: { type: 'text' } } };
    const sink = open({ mappings });
    const generation = await make(sink, fresh());
    const outcomes = await sink.write(generation, [put('a', { name: 'herd 7' }), put('b', { other: 1 })], signal);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written', dynamic === 'strict' ? 'rejected' : 'written']);
    await sink.settle(generation, signal);
    const listed = await Array.fromAsync(
      sink.ids(generation, { shard: 0, buckets: { from: 4_711, to: 4_712 } }, 5, signal),
    );
    expect(listed.flat().map(({ id }) => id)).toContain('a');
    for (const query of ['simple_query_string', 'query_string', 'multi_match']) {
      const search = async (text: string) =>
        (await client('POST', `${generation.name}/_search`, { query: { [query]: { query: text } } })).hits.hits;
      // The bucket, and the ticket.
      expect(await search('4711')).toEqual([]);
      expect(await search('10')).toEqual([]);
      expect(await search('herd')).toHaveLength(1);
    }
    const { [generation.name]: made } = await client('GET', `${generation.name}/_mapping`);
    expect(made.mappings._meta).toMatchObject({ owner: 'us', reindeer: { nonce: 'k3f9' } });
  });

  it('refuses a definition that the server does not take, before a run and in it', async () => {
    const sink = open({ mappings: { properties: { name: { type: 'text', analyzer: 'nonesuch' } } } });
    const refusal = { name: 'InputError', code: 'bad-sink', message: expect.stringContaining('nonesuch') };
    await expect(sink.check(fresh(), signal)).rejects.toMatchObject(refusal);
    await expect(make(sink, fresh())).rejects.toMatchObject(refusal);
    const settings = { number_of_shards: 'many' };
    await expect(open({ settings }).check(fresh(), signal)).rejects.toMatchObject({ code: 'bad-sink' });
  });

  it('warns of replicas that a single node cannot hold, and of another kind of server', async () => {
    expect(await open({ settings: {} }).check(fresh(), signal)).toEqual([
      expect.stringMatching(/settings\.number_of_replicas: 1 by default.*one data node/),
    ]);
    expect(await open({ settings: { auto_expand_replicas: '0-1' } }).check(fresh(), signal)).toEqual([]);
    await expect(open().check('Upper', signal)).rejects.toMatchObject({ code: 'bad-name' });
  });

  it('leaves no snapshot open behind a listing, whichever way it ended', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    // More than one request gives: only then does the server keep a place.
    const documents = 10_030;
    await sink.write(
      generation,
      Array.from({ length: documents }, (_, at) => put(`${at}`, {})),
      signal,
    );
    const openContexts = async () => {
      const { _all } = await client('GET', `${generation.name}/_stats/search`);
      return _all.total.search.open_contexts;
    };
    const listed = new Set<string>();
    for await (const page of sink.ids(generation, ALL, 2_000, signal)) {
      expect(await openContexts()).toBe(1);
      for (const { id } of page) listed.add(id);
    }
    expect(listed.size).toBe(documents);
    expect(await openContexts()).toBe(0);
    for await (const _ of sink.ids(generation, ALL, 10, signal)) break;
    expect(await openContexts()).toBe(0);
    const abort = new AbortController();
    const listing = async () => {
      for await (const _ of sink.ids(generation, ALL, 10, abort.signal)) abort.abort(new Error('stopped'));
    };
    await expect(listing()).rejects.toThrow('stopped');
    expect(await openContexts()).toBe(0);
  });
}
