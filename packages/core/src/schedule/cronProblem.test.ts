import { describe, expect, it } from 'vitest';
import { cronProblem } from './cronProblem.ts';
import { nextTick } from './nextTick.ts';

const NOW = Date.UTC(2026, 0, 15, 12);

describe('cronProblem', () => {
  it.each([
    ['0 3 * * 0', 'Europe/Berlin'],
    ['0 3 * * THU', 'UTC'],
    ['*/5 8-18 * mar-oct mon-fri', 'America/New_York'],
    ['30 0 3 * * 0', 'UTC'],
    ['0 3 L * *', 'UTC'],
    ['0 0 29 2 *', 'UTC'],
    ['  0 3 * * 0 ', 'UTC'],
    ['@daily', 'UTC'],
    ['@monthly', 'UTC'],
  ])('%j in %s fires', (cron, timezone) => {
    expect(cronProblem(cron, timezone, NOW)).toBeNull();
    expect(nextTick({ kind: 'cron', cron, timezone }, NOW)).toBeGreaterThan(NOW);
  });

  it.each([
    ['', 'UTC', 'it has 0 fields'],
    ['  ', 'UTC', 'it has 0 fields'],
    ['0', 'UTC', 'it has 1 field, not'],
    ['0 3 * *', 'UTC', 'it has 4 fields'],
    ['0 0 3 * * 0 2026', 'UTC', 'it has 7 fields'],
    ['H 3 * * *', 'UTC', "'H' stands for chance"],
    ['0 3 * * H', 'UTC', "'H' stands for chance"],
    ['0 h(0-7) * * *', 'UTC', "'H' stands for chance"],
    ['61 * * * *', 'UTC', 'got value 61'],
    ['0 0 30 2 *', 'UTC', 'Invalid explicit day of month'],
    ['every day at nine ok', 'UTC', 'got value: every'],
    ['@reboot', 'UTC', 'alias'],
    ['0 3 * * 0', 'Europe/Atlantis', 'no time zone is called "Europe/Atlantis"'],
    ['61 3 * * 0', 'Europe/Atlantis', 'got value 61'],
  ])('%j in %s does not: %s', (cron, timezone, problem) => {
    expect(cronProblem(cron, timezone, NOW)).toContain(problem);
  });
});
