import { sameJson } from '@reindeer/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exactNumber } from './exactNumber.ts';
import { makeGeneration, put, putText, refused, remove, type SinkSuite } from './sinkSuite.ts';

/** Any JSON, its numbers with all their digits and in every form, fields in any order. */
const { jsonText } = fc.letrec<{ jsonText: string }>((tie) => {
  const string = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => {
    const whole = text.replaceAll('\0', '').toWellFormed();
    return JSON.stringify(whole);
  });
  const number = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,2})?$/);
  const list = fc.array(tie('jsonText'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`);
  // Engines refuse two fields of one name.
  const pair = fc.tuple(string, tie('jsonText'));
  const fields = fc.uniqueArray(pair, { maxLength: 3, selector: ([name]) => name });
  const object = fields.map((pairs) => `{ ${pairs.map(([name, value]) => `${name}:${value}`).join(', ')} }`);
  return {
    jsonText: fc.oneof({ depthSize: 'small' }, number, string, fc.constantFrom('true', 'false', 'null'), list, object),
  };
});

/** What a sink holds in full, and whether somebody has edited it in place. */
export function bodiesTests(suite: () => SinkSuite): void {
  it('gives bodies back, every digit, in the order of the ids, without a refresh', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const body = { kept: { text: 'Zürich "quoted" \\ 🦌', list: [1, null, true, {}] } };
    const numbers = harness.exactNumbers.map((number, at) => putText(`n${at}`, 10, `{"n":${number}}`));
    await sink.write(generation, [put('a', 10, body), put('b', 10, {}), ...numbers, remove('b', 20)], signal);
    const found = await sink.bodies(generation, ['missing', 'a', 'b', 'a', ...numbers.map(({ id }) => id)], signal);
    expect(found.slice(0, 4).map((text) => (text === null ? null : JSON.parse(text)))).toEqual([
      null,
      body,
      null,
      body,
    ]);
    for (const [at, number] of harness.exactNumbers.entries()) {
      const kept = /-?\d[\d.eE+-]*/.exec(found[4 + at] ?? '')?.[0] ?? 'nothing';
      expect(exactNumber(kept)).toBe(exactNumber(number));
    }
    expect(await sink.bodies(generation, [], signal)).toEqual([]);
    await sink.drop(generation, signal);
    await refused('generation-gone', sink.bodies(generation, ['a'], signal));
  });

  it('keeps what bodies say, whatever they hold', async () => {
    const { sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const texts = fc.sample(jsonText, 300);
    const batch = texts.map((text, at) => putText(`id-${at}`, 10, `{"kept":{"it":${text}}}`));
    const outcomes = await sink.write(generation, batch, signal);
    expect(outcomes.filter(({ kind }) => kind !== 'written')).toEqual([]);
    const found = await sink.bodies(
      generation,
      batch.map(({ id }) => id),
      signal,
    );
    for (const [at, text] of texts.entries()) {
      const body = found[at] ?? 'null';
      expect(sameJson(body, `{"kept":{"it":${text}}}`), `${body} of ${text}`).toBe(true);
      expect(sameJson(body, `{"kept":{"it":[${text}]}}`)).toBe(false);
    }
  });

  it('tells the buckets of what was edited in place, where an edit leaves a trace, and of nothing else', async () => {
    const { harness, sink, signal } = suite();
    const generation = await makeGeneration(suite());
    const documents = Array.from({ length: 60 }, (_, at) => ({
      ...put(`id-${at}`, 10, { at }),
      shard: at % 3,
      bucket: at * 17,
    }));
    await sink.write(generation, documents, signal);
    const edited = async (shard: number | null, last = false) => {
      await sink.digest(generation, { shard }, 0, signal);
      const buckets: number[] = [];
      for await (const page of sink.edited(generation, { shard, last }, signal)) buckets.push(...page);
      return buckets.toSorted((a, b) => a - b);
    };
    expect(await edited(null)).toEqual([]);
    if (harness.editByHand === undefined) return;
    await harness.editByHand(generation, 'id-4');
    await harness.editByHand(generation, 'id-7');
    await harness.editByHand(generation, 'id-9');
    expect(await edited(null)).toEqual([4 * 17, 7 * 17, 9 * 17]);
    expect(await edited(0)).toEqual([9 * 17]);
    expect(await edited(1)).toEqual([4 * 17, 7 * 17]);
    expect(await edited(1, true)).toEqual([4 * 17, 7 * 17]);
    expect(await edited(2)).toEqual([]);
    await sink.write(generation, [{ ...put('id-4', 20, {}), shard: 1, bucket: 4 * 17 }], signal);
    expect(await edited(1)).toEqual([7 * 17]);
  });
}
