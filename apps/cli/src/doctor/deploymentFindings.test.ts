import type { LedgerClock } from '@reindeer/ledger';
import { describe, expect, test } from 'vitest';
import { deploymentFindings } from './deploymentFindings.ts';
import { ago, brief, HOUR, NOW } from './testFindings.ts';

describe('the deployment', () => {
  const clock: LedgerClock = {
    nowMs: NOW,
    ticketBoundMs: NOW + 10_000,
    schedulerUntil: ago(60_000),
    workerUntil: null,
  };
  const facts = {
    liveness: { workers: 2, scheduler: true, ticksPaused: false, queue: true, older: false },
    limits: [],
    clock,
    pending: [],
  };

  test('has nothing wrong when all are alive', () => {
    expect(deploymentFindings(facts)).toEqual([]);
  });

  test('lacks processes, since when they were last seen', () => {
    const findings = deploymentFindings({ ...facts, liveness: { ...facts.liveness, workers: 0, scheduler: false } });
    expect(brief(findings)).toEqual([
      'critical | no-scheduler | reindeer scheduler',
      'critical | no-worker | reindeer worker',
    ]);
    expect(findings.map(({ since }) => since)).toEqual([ago(60_000), null]);
  });

  test('has versions ahead of its clock, migrations to come, and limits that somebody set', () => {
    const limit = { queue: 'cities.bulk', index: 'cities', concurrency: 1, rate: null, waitMs: 0 };
    const findings = deploymentFindings({
      ...facts,
      clock: { ...clock, ticketBoundMs: NOW + HOUR },
      pending: ['0004-more'],
      limits: [limit],
    });
    expect(findings.map(({ code }) => code)).toEqual(['queue-limited', 'ledger-not-migrated', 'tickets-ahead']);
    expect(findings[2]?.message).toContain('Versions are 1 h ahead of the clock');
  });
});
