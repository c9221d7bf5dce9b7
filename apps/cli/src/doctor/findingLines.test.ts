import { describe, expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import { type Diagnosis, needsSomebody, worstFirst } from './diagnosis.ts';
import { findingLines } from './findingLines.ts';
import { ago, NOW } from './testFindings.ts';

describe('what is printed', () => {
  const { colors } = memoryTerminal().terminal;
  const finding = (change: Partial<Diagnosis>): Diagnosis => ({
    severity: 'warning',
    index: 'cities',
    code: 'paused',
    message: 'Everything is held by ops.',
    since: null,
    remedy: 'reindeer resume cities',
    ...change,
  });
  const lines = (findings: readonly Diagnosis[], isComplete = true) =>
    findingLines(findings, isComplete, NOW, colors, 60);

  test('is one line when nothing is wrong', () => {
    expect(lines([])).toEqual(['✔ Nothing is wrong.']);
    expect(needsSomebody([finding({ severity: 'note' })])).toBe(false);
  });

  test('has the worst first, what is alike once, and each way out whole', () => {
    const text = 'The triggers are disabled, and what changes meanwhile is not logged, and owes a refresh.';
    const all = [
      finding({ severity: 'note', code: 'configuration', index: null, message: 'Not scheduled.', remedy: null }),
      finding({ since: ago(180_000) }),
      finding({
        severity: 'critical',
        code: 'grant-missing',
        message: text,
        remedy: 'grant a very long list of privileges on a table to a role;\ngrant b;',
      }),
      finding({
        severity: 'critical',
        index: 'books',
        code: 'grant-missing',
        message: text,
        remedy: 'grant a very long list of privileges on a table to a role;\ngrant b;',
      }),
    ];
    expect(lines(all, false)).toEqual([
      '1 thing broken, 1 warning, 1 note. Not everything could be looked at.',
      '',
      '✖ books, cities grant-missing',
      '  The triggers are disabled, and what changes meanwhile is',
      '  not logged, and owes a refresh.',
      '  grant a very long list of privileges on a table to a role;',
      '  grant b;',
      '',
      '! cities paused since 3 min ago',
      '  Everything is held by ops.',
      '  reindeer resume cities',
      '',
      '· configuration',
      '  Not scheduled.',
    ]);
    expect(worstFirst(all).map(({ severity }) => severity)).toEqual(['critical', 'critical', 'warning', 'note']);
  });
});
