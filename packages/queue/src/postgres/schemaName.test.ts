import { quoteSchemaName } from 'bullmq';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaName } from './schemaName.ts';

describe('schemaName', () => {
  it('is the prefix where it can be', () => {
    expect(schemaName('reindeer')).toBe('reindeer_queue');
  });

  it('tells prefixes apart that differ only in what must be replaced', () => {
    expect(new Set(['a-b', 'a_b', 'a.b', 'A_b', '{a_b}'].map(schemaName)).size).toBe(5);
  });

  it('is always an identifier that BullMQ takes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), (prefix) => {
        expect(() => quoteSchemaName(schemaName(prefix))).not.toThrow();
      }),
    );
  });
});
