import { expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import { visibleWidth } from '../terminal/table.ts';
import { progressLine, progressText } from './progressLine.ts';
import { aRun } from './testRun.ts';

const { colors } = memoryTerminal().terminal;

test('shows phase, bar, share, rate, time left and slices', () => {
  expect(
    progressLine(aRun({ state: 'building', progress: 0.724, etaMs: 1_400, documentsPerSecond: 27_025 }), 100, colors),
  ).toBe('building     ━━━━━━━━━━━━━━━━━━━━━─────────   72%   27,025 docs/s  2 s left  slices 11/16');
});

test.each([40, 60, 80, 100, 200])('fits into %d columns', (columns) => {
  const run = aRun({ state: 'catching_up', progress: 1, etaMs: 359_999_000, documentsPerSecond: 1_027_025 });
  expect(visibleWidth(progressLine(run, columns, colors))).toBeLessThanOrEqual(columns);
});

test('promises no time and no rate that is not known', () => {
  const run = aRun({
    state: 'queued',
    progress: 0,
    etaMs: null,
    documentsPerSecond: 0,
    documents: { expected: null, read: 0 },
  });
  expect(progressLine(run, 100, colors)).not.toMatch(/left|docs/);
  expect(progressText(run)).toBe('run 12 queued: 0 documents, slices 11/16');
});

test('a log says how many of how many', () => {
  expect(
    progressText(aRun({ state: 'building', progress: 0.72, documents: { read: 99_648, expectedExact: false } })),
  ).toBe('run 12 building: 72%, 99,648 of ~138,398 documents, 27,025 docs/s, slices 11/16');
});

test.each(['planning', 'catching_up', 'verifying', 'promoting'] as const)(
  '%s has no share that would stand still',
  (state) => {
    const run = aRun({ state, progress: 0.99, finishedAt: null });
    expect(progressText(run)).not.toContain('%');
    expect(progressLine(run, 100, colors)).not.toContain('%');
  },
);

test('a run that waits says for what, and neither share nor rate', () => {
  const waitsFor = {
    reason: 'not-caught-up',
    detail: 'The feed is on hold: `reindeer status cities`.',
  } as const;
  const run = aRun({ state: 'catching_up', finishedAt: null, waitsFor });
  expect(progressText(run)).toBe(
    'run 12 catching up: waits (not-caught-up): The feed is on hold: `reindeer status cities`.',
  );
  expect(progressText({ ...run, run: null })).toMatch(/^cities rebuild catching up: waits/);
  expect(progressLine(run, 60, colors)).toBe('catching up  waits (not-caught-up): The feed is on hold: `r…');
});
