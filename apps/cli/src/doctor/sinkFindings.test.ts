import type { GenerationStanding } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import { sinkFindings } from './sinkFindings.ts';
import { brief, HOUR, NOW } from './testFindings.ts';

describe('the sink', () => {
  const clock = { nowMs: NOW, ticketBoundMs: NOW + 10_000, schedulerUntil: null, workerUntil: null };
  const standing = (name: string, state: GenerationStanding['state']): GenerationStanding => ({
    index: 'cities',
    name,
    state,
    startedFrom: null,
    staleReason: null,
  });
  const held = (name: string, ticketBoundMs = NOW + HOUR) => ({
    name,
    live: false,
    documents: null,
    bytes: null,
    metadata: { index: 'cities', name, nonce: 'n', number: 1, definition: 1, ticketBound: ticketBoundMs * 1_000 },
  });
  const liveAs = (name: string) => ({ generation: { index: 'cities', name }, epoch: 3 });
  const facts = {
    index: 'cities',
    live: liveAs('cities_g2'),
    held: [held('cities_g1'), held('cities_g2')],
    known: [standing('cities_g1', 'retained'), standing('cities_g2', 'live')],
    clock,
  };

  test('has what the ledger says', () => {
    expect(sinkFindings(facts)).toEqual([]);
    expect(sinkFindings({ ...facts, known: [], clock: null })).toEqual([]);
  });

  test.each([
    [null, facts.known, 'reindeer run cities'],
    [liveAs('cities_g1'), facts.known, ''],
    [liveAs('cities_g7'), facts.known, ''],
    [liveAs('cities_g2'), [], 'reindeer run cities'],
    [liveAs('cities_g1'), [standing('cities_g1', 'retained')], ''],
  ])('has another live: %j', (live, known, remedy) => {
    expect(brief(sinkFindings({ ...facts, live, known, held: [] }))).toEqual([`critical | sink-moved | ${remedy}`]);
  });

  test('holds generations that this ledger does not know, and versions above its own', () => {
    const stranger = { ...held('cities_old'), metadata: null };
    const findings = sinkFindings({ ...facts, held: [...facts.held, stranger, held('cities_g9', NOW + 10 * HOUR)] });
    expect(brief(findings)).toEqual(['note | generation-unknown | ', 'warning | ticket-behind | reindeer run cities']);
    expect(findings[0]?.message).toContain('The sink holds cities_g9, made by Reindeer');
  });
});
