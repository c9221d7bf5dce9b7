import { expect, it } from 'vitest';
import { exactNumber } from './exactNumber.ts';
import { bodies, freshIndex, kinds, makeGeneration, put, putText, remove, type SinkSuite } from './sinkSuite.ts';

const AWKWARD = [
  '',
  ' ',
  "it's",
  '"quoted"',
  'back\\slash',
  'line\nbreak\r\ttab',
  '\u2028\u2029',
  'Zürich 東京 🦌👩‍👩‍👧',
  '{1,2}',
  'NULL',
  '$1; --',
  '%00 & + #',
  'e\u0301',
  '\u00e9',
  '\uffff\u0001\u007f',
];

/** What a batch may hold, and what becomes of each document. */
export function documentTests(suite: () => SinkSuite): void {
  it('says in order what became of each document of a mixed batch, and writes the rest', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const refused = harness.refusedBodies.map((body, at) => putText(`bad-${at}`, 10, body));
    const good = Array.from({ length: 50 }, (_, at) => put(`good-${at}`, 10, { at }));
    const batch = [...good.slice(0, 20), ...refused, remove('gone', 10), ...good.slice(20)];
    const outcomes = await sink.write(generation, batch, signal);
    expect(kinds(outcomes)).toEqual([
      ...good.slice(0, 20).map(() => 'written'),
      ...refused.map(() => 'rejected'),
      'deleted',
      ...good.slice(20).map(() => 'written'),
    ]);
    expect(Object.keys(await bodies(suite(), generation)).toSorted()).toEqual(good.map(({ id }) => id).toSorted());
  });

  it('gives reasons for a refusal without telling what the document holds', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    expect(harness.refusedBodies.length).toBeGreaterThan(0);
    for (const body of harness.refusedBodies) {
      const [outcome] = await sink.write(generation, [putText('bad', 10, body)], signal);
      expect(outcome).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/^[a-z-]+$/) });
      const detail = outcome?.kind === 'rejected' ? outcome.detail : '';
      expect(detail.length).toBeGreaterThan(10);
      expect(detail).not.toContain('confidential');
    }
  });

  it('keeps a refused document from changing what is there', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    await sink.write(generation, [put('a', 10, { v: 10 })], signal);
    await sink.write(generation, [putText('a', 11, harness.refusedBodies[0] ?? ''), put('b', 11, { v: 11 })], signal);
    expect(await bodies(suite(), generation)).toEqual({ a: { v: 10 }, b: { v: 11 } });
  });

  it('keeps every character of ids and bodies', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const refused = harness.refusedIds ?? [];
    const kept = AWKWARD.filter((text) => !refused.includes(text));
    // Engines have rules for the names of fields that they look at, so that `kept` holds those.
    const body = (text: string) => ({ kept: { [text]: [text, null, true, {}] } });
    const batch = AWKWARD.map((text) => put(text, 10, body(text)));
    expect(kinds(await sink.write(generation, batch, signal))).toEqual(
      AWKWARD.map((text) => (refused.includes(text) ? 'rejected' : 'written')),
    );
    expect(await bodies(suite(), generation)).toEqual(Object.fromEntries(kept.map((text) => [text, body(text)])));
    expect((await sink.stored(generation, AWKWARD, signal)).map((document) => document?.id ?? null)).toEqual(
      AWKWARD.map((text) => (refused.includes(text) ? null : text)),
    );
    await sink.write(
      generation,
      kept.map((text) => remove(text, 11)),
      signal,
    );
    expect(await bodies(suite(), generation)).toEqual({});
  });

  it('keeps every digit of a number', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    expect(harness.exactNumbers.length).toBeGreaterThan(0);
    const batch = harness.exactNumbers.map((number) => putText(number, 10, `{"n":${number}}`));
    await sink.write(generation, batch, signal);
    await sink.settle(generation, signal);
    const found = await harness.documents(generation);
    for (const number of harness.exactNumbers) {
      const kept = /-?\d[\d.eE+-]*/.exec(found.get(number) ?? '')?.[0] ?? 'nothing';
      expect(exactNumber(kept)).toBe(exactNumber(number));
    }
  });

  it('takes 10,000 documents at once, and nothing at all', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const batch = Array.from({ length: 10_000 }, (_, at) => put(`id-${at}`, 10, { at, name: `Document ${at}` }));
    const outcomes = await sink.write(generation, batch, signal);
    expect(outcomes).toHaveLength(10_000);
    expect(outcomes.every(({ kind }) => kind === 'written')).toBe(true);
    expect(await sink.write(generation, [], signal)).toEqual([]);
    await sink.settle(generation, signal);
    expect(await sink.count(generation, signal)).toBe(10_000);
  });

  it('finds what is live by its words, whatever a person types', async () => {
    const { sink, signal } = suite();
    const index = freshIndex();
    expect(await sink.search(index, 'reindeer', 5, signal)).toEqual([]);
    const generation = await makeGeneration(suite(), index);
    await sink.write(
      generation,
      [
        put('1', 10, { name: 'Reindeer herd' }),
        put('2', 10, { name: 'Polar bear' }),
        put('3', 10, { name: 'Reindeer' }),
      ],
      signal,
    );
    await sink.write(generation, [remove('3', 11)], signal);
    await sink.settle(generation, signal);
    await sink.promote(generation, null, signal);
    expect(await sink.search(index, 'reindeer', 5, signal)).toEqual([{ id: '1', body: { name: 'Reindeer herd' } }]);
    for (const typed of [...AWKWARD, '\0', '\ud800', '((("', '-', ':* & | !', 'a'.repeat(100_000)]) {
      expect(await sink.search(index, typed, 5, signal), JSON.stringify(typed.slice(0, 20))).toBeInstanceOf(Array);
    }
  });

  it('leaves nothing running when a write is aborted', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const stalled = await harness.stall(generation);
    try {
      const abort = new AbortController();
      const reason = new Error('stopped by the test');
      const writing = sink.write(generation, [put('a', 10, {})], abort.signal).catch((error: unknown) => error);
      await expect.poll(() => harness.requestsUnderWay()).toBe(1);
      abort.abort(reason);
      expect(await writing).toBe(reason);
      // The error is on its way before the server shows that it does nothing any more.
      await expect.poll(() => harness.requestsUnderWay()).toBe(0);
      await expect(sink.write(generation, [put('a', 10, {})], abort.signal)).rejects.toBe(reason);
    } finally {
      await stalled.release();
    }
    expect(await bodies(suite(), generation)).toEqual({});
    expect(kinds(await sink.write(generation, [put('a', 10, {})], signal))).toEqual(['written']);
  });
}
