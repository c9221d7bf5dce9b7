import type { IndexDefinition } from '@reindeer/core';
import type { ConsumerView, GenerationStanding } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import { type FollowingFacts, followingFindings } from './followingFindings.ts';
import { ago, brief, HOUR } from './testFindings.ts';

describe('following changes', () => {
  const identity = { system: '7/1', timeline: 1 };
  const consumer: ConsumerView = {
    index: 'cities',
    generation: 'cities_g2',
    state: 'live',
    log: 'source',
    identity,
    joinedAt: ago(HOUR),
    passedAt: ago(1_000),
    passedAgoMs: 1_000,
    invalidAt: null,
    trouble: null,
    troubledSince: null,
  };
  const live: GenerationStanding = {
    index: 'cities',
    name: 'cities_g2',
    state: 'live',
    startedFrom: identity,
    staleReason: null,
  };
  const definition = {
    name: 'cities',
    source: {
      connection: 'shop',
      changes: 'log',
      log: { schema: 'reindeer_log', maxRows: 1_000, maxBytes: 1_000_000, maxAgeMs: HOUR },
    },
    rebuild: { maxLagMs: 10_000 },
  } as IndexDefinition;
  const facts: FollowingFacts = {
    definition,
    consumers: [consumer],
    generations: [live],
    identity,
    size: { rows: 10, bytes: 10_000 },
  };
  const found = (change: Partial<FollowingFacts>) => brief(followingFindings({ ...facts, ...change }));

  test('is all well', () => {
    expect(found({})).toEqual([]);
    expect(found({ identity: null, size: null })).toEqual([]);
  });

  test('meets another database, or another timeline of the same', () => {
    expect(found({ identity: { system: '8/1', timeline: 1 } })).toEqual([
      'critical | source-replaced | reindeer run cities',
    ]);
    expect(found({ identity: { system: '7/1', timeline: 2 } })).toEqual([
      'warning | source-timeline | reindeer run cities refresh',
    ]);
    const ahead = { ...consumer, identity: { system: '7/1', timeline: 3 } };
    expect(found({ identity: { system: '7/1', timeline: 2 }, consumers: [ahead] })).toEqual([
      'critical | source-timeline | ',
    ]);
    expect(found({ identity: { system: '7/1', timeline: 0 } })).toEqual([]);
    // Without a consumer, what the generation was built from counts.
    expect(found({ identity: { system: '8/1', timeline: 1 }, consumers: [] })).toEqual([
      'critical | source-replaced | reindeer run cities',
      'warning | not-followed | reindeer run cities',
    ]);
  });

  test('goes on without what the sink fails at', () => {
    const troubled = { ...consumer, trouble: 'The index is closed.', troubledSince: ago(HOUR) };
    expect(found({ consumers: [troubled] })).toEqual(['critical | generation-troubled | reindeer run cities']);
    const soaking = { ...troubled, generation: 'cities_g1', state: 'retained' } as const;
    expect(found({ consumers: [soaking, consumer] })).toEqual(['warning | generation-troubled | ']);
    expect(followingFindings({ ...facts, consumers: [soaking] })[0]?.message).toBe(
      'The sink takes nothing into cities_g1. The feed goes on for the others, and this one falls behind: The index is closed.',
    );
  });

  test('has been given up', () => {
    expect(found({ consumers: [{ ...consumer, invalidAt: ago(HOUR) }] })).toEqual([
      'warning | changes-pruned | reindeer run cities refresh',
    ]);
    const retained = { ...live, name: 'cities_g1', state: 'retained' } as const;
    expect(found({ generations: [{ ...retained, staleReason: 'document-refused' }, live] })).toEqual([
      'note | generation-stale | ',
    ]);
    expect(found({ generations: [{ ...retained, staleReason: 'soaked' }, live] })).toEqual([]);
    expect(found({ generations: [{ ...live, staleReason: 'generation-gone' }] })).toEqual([
      'critical | generation-stale | reindeer run cities',
    ]);
    // The feed leaves it out for that, and not because it is older than the feed.
    expect(found({ consumers: [], generations: [{ ...live, staleReason: 'definition-mismatch' }] })).toEqual([
      'critical | generation-stale | reindeer run cities',
    ]);
  });

  test.each([
    [{ rows: 799, bytes: 0 }, []],
    [{ rows: 800, bytes: 0 }, ['warning']],
    [{ rows: 1_001, bytes: 0 }, ['critical']],
    [{ rows: 0, bytes: 900_000 }, ['warning']],
    [{ rows: 900, bytes: 1_000_001 }, ['critical']],
  ])('comes near a bound, or over it: %j', (size, severities) => {
    const findings = followingFindings({ ...facts, size });
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
    for (const { code, message } of findings) {
      expect(code).toBe('log-bound');
      expect(message).toContain('cities_g2 is furthest behind');
    }
  });
});
