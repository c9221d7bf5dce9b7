import type { Page } from '@reindeer/connectors';
import { describe, expect, it } from 'vitest';
import { toOperations } from './toOperations.ts';

const page = (...rows: [string, string][]): Page => ({
  documents: rows.map(([id, json]) => ({ id, json, f1: 1, f2: 2 })),
  last: ['z'],
  ticket: 77,
  bytes: 1,
});

describe('toOperations', () => {
  it('passes the bytes of the database on where there is no transform', async () => {
    const json = '{"id":1,  "n":0.1000}';
    const { operations, bytes } = await toOperations(page(['abc', json]), 3, null, false);
    // 0x90015 is how the MD5 of "abc" begins.
    expect(operations).toEqual([
      { kind: 'index', id: 'abc', ticket: 77, shard: 3, bucket: 0x90015, body: json, f1: 1, f2: 2 },
    ]);
    expect(bytes).toBe(json.length);
  });

  it('accounts for every row: written, filtered or refused', async () => {
    const rows = page(
      ['1', '{"k":1}'],
      ['2', '{"k":2}'],
      ['3', '{"k":3}'],
      ['4', '{"k":4}'],
      ['x'.repeat(600), '{"k":5}'],
    );
    const transform = ({ k }: Record<string, unknown>) => {
      if (k === 2) return null;
      if (k === 3) throw new TypeError('bad row');
      return k === 4 ? 'a text' : { k };
    };
    const result = await toOperations(rows, 0, transform, false);
    expect(result.operations.map((operation) => operation.id)).toEqual(['1']);
    expect(result.filtered).toBe(1);
    expect(result.refusals).toEqual([
      { document: '3', reason: 'transform-failed', detail: 'TypeError: bad row' },
      { document: '4', reason: 'transform-failed', detail: expect.stringContaining('It returned string') },
      { document: `${'x'.repeat(200)}…`, reason: 'key-too-long', detail: expect.stringContaining('600 bytes') },
    ]);
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => ({ toJSON: () => undefined })],
    ['null', () => new Date(Number.NaN)],
    ['a text', () => ({ toJSON: () => 'a text' })],
  ])('refuses what is %s as JSON, and goes on with the rest', async (shown, make) => {
    const transform = ({ k }: Record<string, unknown>) => (k === 1 ? (make() as object) : { k });
    const { operations, refusals } = await toOperations(page(['1', '{"k":1}'], ['2', '{"k":2}']), 0, transform, false);
    expect(operations.map(({ id }) => id)).toEqual(['2']);
    expect(refusals).toMatchObject([
      { document: '1', reason: 'transform-failed', detail: expect.stringContaining(shown) },
    ]);
  });

  it('deletes what is filtered now, where an earlier owner may have written it', async () => {
    const result = await toOperations(page(['1', '{}']), 0, () => null, true);
    expect(result.operations).toMatchObject([{ kind: 'delete', id: '1', ticket: 77 }]);
    expect(result.filtered).toBe(1);
  });

  it('waits for a transform that is async', async () => {
    const result = await toOperations(page(['1', '{"k":1}']), 0, async (row) => ({ ...row, more: true }), false);
    expect(result.operations).toMatchObject([{ body: '{"k":1,"more":true}' }]);
  });
});
