import type { Operation } from '@reindeer/core';
import { expect, it } from 'vitest';
import { useOpenSearch } from './openSearchFixture.ts';

/** What becomes of writes when the server, or the way to it, is not well. */
export function writingTests(url: string): void {
  const { signal, proxy, client, open, fresh, make, put } = useOpenSearch(url);
  const remove = (id: string, ticket = 10): Operation => ({ kind: 'delete', id, ticket, shard: 0, bucket: 0 });
  const BUSY = { kind: 'busy', retryAfterMs: null };

  it('never lets a late writer make a dropped index again, also where the cluster makes indexes by itself', async () => {
    const sink = open();
    const index = fresh();
    const generation = await make(sink, index);
    await sink.drop(generation, signal);
    const before = await client('GET', '_cluster/settings');
    const automatic = before.transient?.action?.auto_create_index ?? null;
    await client('PUT', '_cluster/settings', { transient: { 'action.auto_create_index': 'true' } });
    try {
      for (const batch of [[put('a', {})], [remove('a')], [put('a', {}), remove('b')]]) {
        await expect(sink.write(generation, batch, signal)).rejects.toMatchObject({ reason: 'generation-gone' });
      }
    } finally {
      await client('PUT', '_cluster/settings', { transient: { 'action.auto_create_index': automatic } });
    }
    const left = await client('GET', `_cat/indices/${index}*?format=json&expand_wildcards=all`);
    expect(left).toEqual([]);
  });

  it('says busy, and for how long, when the whole request is refused', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    for (const [status, header, retryAfterMs] of [
      [429, { 'retry-after': '7' }, 7_000],
      [503, {}, null],
    ] as const) {
      const stop = proxy().intercept(({ path }) => (path.includes('_bulk') ? { status, headers: header } : null));
      try {
        const outcomes = await sink.write(generation, [put('a', {}), remove('b')], signal);
        expect(outcomes).toEqual([
          { kind: 'busy', retryAfterMs },
          { kind: 'busy', retryAfterMs },
        ]);
      } finally {
        stop();
      }
    }
    expect(await sink.write(generation, [put('a', {})], signal)).toEqual([{ kind: 'written' }]);
  });

  it('does not send an id again in a batch whose first was too much for the server', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    const sent: string[] = [];
    const rejection = { type: 'es_rejected_execution_exception', reason: 'queue is full' };
    const stop = proxy().intercept(({ path, body }) => {
      if (!path.includes('_bulk')) return null;
      sent.push(body);
      const items = [{ index: { status: 429, error: rejection } }, { index: { status: 201 } }];
      return { status: 200, body: JSON.stringify({ errors: true, items }) };
    });
    try {
      const batch = [put('a', { v: 1 }), put('b', {}), put('a', { v: 2 })];
      expect(await sink.write(generation, batch, signal)).toEqual([BUSY, { kind: 'written' }, BUSY]);
    } finally {
      stop();
    }
    expect(sent).toHaveLength(1);
  });

  it('halves what is too large for a request, and refuses the document that is too large alone', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    let requests = 0;
    const stop = proxy().intercept(({ path, body }) => {
      if (path.includes('_bulk')) requests += 1;
      return path.includes('_bulk') && body.length > 5_000 ? { status: 413, body: '<html>too large</html>' } : null;
    });
    try {
      const batch = Array.from({ length: 40 }, (_, at) => put(`${at}`, { text: 'x'.repeat(at === 17 ? 6_000 : 300) }));
      const outcomes = await sink.write(generation, batch, signal);
      expect(outcomes.flatMap(({ kind }, at) => (kind === 'written' ? [] : [[at, kind]]))).toEqual([[17, 'rejected']]);
      expect(outcomes[17]).toMatchObject({ detail: expect.stringContaining('http.max_content_length') });
    } finally {
      stop();
    }
    expect(requests).toBeLessThan(30);
    await sink.settle(generation, signal);
    expect(await sink.count(generation, signal)).toBe(39);
  });

  it('waits for room when the disk is full, and for a person who blocked the index', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    const block = (settings: object) => client('PUT', `${generation.name}/_settings`, settings);
    await block({ 'index.blocks.read_only_allow_delete': true });
    await expect(sink.write(generation, [put('a', {})], signal)).rejects.toMatchObject({
      name: 'UnavailableError',
      reason: 'disk',
      message: expect.stringContaining('read_only_allow_delete'),
    });
    await block({ 'index.blocks.read_only_allow_delete': null });
    expect(await sink.write(generation, [put('a', {})], signal)).toEqual([{ kind: 'written' }]);
    await block({ 'index.blocks.write': true });
    await expect(sink.write(generation, [put('a', {})], signal)).rejects.toMatchObject({ reason: 'sink-unavailable' });
    await block({ 'index.blocks.write': null });
  });

  it('is unavailable where nobody listens or the connection is cut, and never tells what its url holds', async () => {
    const nowhere = open({ url: 'http://somebody:confidential@127.0.0.1:1' });
    const error: Error = await nowhere.live('x', signal).then(
      () => Promise.reject(new Error('not refused')),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ name: 'UnavailableError', reason: 'sink-unavailable' });
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('confidential');

    const sink = open();
    const generation = await make(sink, fresh());
    const stop = proxy().intercept(({ path }) => {
      if (path.includes('_bulk')) throw new Error('cut');
      return null;
    });
    await expect(sink.write(generation, [put('a', {})], signal)).rejects.toMatchObject({ reason: 'sink-unavailable' });
    stop();
    expect(await sink.write(generation, [put('a', {})], signal)).toEqual([{ kind: 'written' }]);
  });

  it('signs in with what the url says, below its path, and names what is refused', async () => {
    const address = new URL(proxy().url);
    address.username = 'some:body';
    address.password = 'p@ss wörd';
    const sink = open({ url: `${address.href}search/` });
    const seen: { path: string; authorization: string | undefined }[] = [];
    let status = 401;
    const stop = proxy().intercept(({ path, headers }) => {
      if (!path.startsWith('/search/')) return null;
      seen.push({ path, authorization: headers.authorization });
      const error = { type: 'security_exception', reason: 'no permissions for [indices:admin/get]' };
      return { status, body: JSON.stringify({ error, status }) };
    });
    try {
      await expect(sink.live('x', signal)).rejects.toMatchObject({ name: 'InputError', code: 'bad-connection' });
      status = 403;
      await expect(sink.live('x', signal)).rejects.toMatchObject({
        name: 'InputError',
        code: 'denied',
        message: expect.stringContaining('indices:admin/get'),
      });
    } finally {
      stop();
    }
    expect(seen[0]?.path).toMatch(/^\/search\/x,x\.epoch-\*\?/);
    expect(atob(seen[0]?.authorization?.replace('Basic ', '') ?? '')).toContain('some:body:p@ss w');
  });

  it('keeps to its connections, however many batches there are', async () => {
    const sink = open({ maxConnections: 2 });
    const generation = await make(sink, fresh());
    const before = proxy().connections();
    const held = proxy().hold(({ path }) => path.includes('_bulk'));
    const writing = Array.from({ length: 12 }, (_, at) => sink.write(generation, [put(`${at}`, {})], signal));
    await expect.poll(() => proxy().underWay()).toBe(2);
    held.release();
    expect((await Promise.all(writing)).flat()).toHaveLength(12);
    // The one that made the generation is among them.
    expect(proxy().connections() - before).toBeLessThanOrEqual(1);
  });

  it('sees what people did past Reindeer by the version', async () => {
    const sink = open();
    const generation = await make(sink, fresh());
    const { name } = generation;
    const ids = ['updated', 'replaced', 'copied', 'untouched'];
    await sink.write(
      generation,
      ids.map((id) => put(id, { v: 1 })),
      signal,
    );
    await client('POST', `${name}/_update/updated`, {
      doc: { v: 2 },
    });
    await client('PUT', `${name}/_doc/replaced`, { v: 2 });
    const { _source } = await client('GET', `${name}/_doc/copied`);
    await client('PUT', `${name}/_doc/copied`, { ..._source, v: 2 });
    const stamp = { shard: 0, bucket: 4_711, ticket: 10, f1: 1, f2: 2 };
    expect(await sink.stored(generation, ids, signal)).toEqual([
      { id: 'updated', version: 11, stamp },
      { id: 'replaced', version: 11, stamp: null },
      { id: 'copied', version: 11, stamp },
      { id: 'untouched', version: 10, stamp },
    ]);
  });
}
