import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RUN_PHASES } from './phase.ts';
import { type RunProgressInput, runProgress } from './progress.ts';
import { RUN_STATUSES } from './status.ts';

const building: RunProgressInput = {
  status: 'running',
  phase: 'building',
  read: 0,
  expected: 1000,
  slices: 4,
  slicesCompleted: 0,
  elapsedMs: 0,
};

test('nothing is known before the first document', () => {
  expect(runProgress(building)).toEqual({ progress: 0, etaMs: null, documentsPerSecond: 0 });
});

test('half of the documents took as long as the other half will', () => {
  expect(runProgress({ ...building, read: 500, elapsedMs: 2000 })).toEqual({
    progress: 0.5,
    etaMs: 2000,
    documentsPerSecond: 250,
  });
});

test('an estimate that was too low does not look like the end', () => {
  expect(runProgress({ ...building, read: 5000, elapsedMs: 1000 }).progress).toBe(0.99);
});

test('a completed run is whole, also when it had fewer documents than expected', () => {
  expect(runProgress({ ...building, status: 'completed', read: 10, elapsedMs: 1000 })).toMatchObject({
    progress: 1,
    etaMs: 0,
  });
});

test('an empty source counts slices instead of documents', () => {
  expect(runProgress({ ...building, expected: 0, slicesCompleted: 2, elapsedMs: 10 }).progress).toBe(0.5);
});

test('a paused run promises no time', () => {
  expect(runProgress({ ...building, status: 'paused', read: 500, elapsedMs: 2000 }).etaMs).toBeNull();
});

test('is always a share between 0 and 1, 1 only at the end, and goes on as documents are read', () => {
  const phase = fc.constantFrom(...RUN_PHASES);
  const step = fc.record({
    status: fc.constantFrom(...RUN_STATUSES.filter((status) => status !== 'completed')),
    phase,
    read: fc.nat(1_000_000),
    slicesCompleted: fc.nat(64),
    elapsedMs: fc.nat(1_000_000_000),
  });
  const run = fc.record({ expected: fc.option(fc.nat(2_000_000)), slices: fc.nat(64) });
  fc.assert(
    fc.property(run, fc.array(step), ({ expected, slices }, steps) => {
      let [read, slicesCompleted, before] = [0, 0, 0];
      for (const one of steps) {
        read += one.read;
        slicesCompleted = Math.min(slices, Math.max(slicesCompleted, one.slicesCompleted));
        const shown = runProgress({ ...one, expected, slices, read, slicesCompleted });
        expect(shown.progress).toBeGreaterThanOrEqual(before);
        expect(shown.progress).toBeLessThan(1);
        expect(Number.isSafeInteger(shown.documentsPerSecond) && shown.documentsPerSecond >= 0).toBe(true);
        if (shown.etaMs !== null) expect(Number.isSafeInteger(shown.etaMs) && shown.etaMs >= 0).toBe(true);
        before = shown.progress;
      }
      const ended = runProgress({ ...building, status: 'completed', phase: 'soaking', expected, slices, read });
      expect([ended.progress, ended.etaMs]).toEqual([1, 0]);
    }),
  );
});
