import { expect, test } from 'vitest';
import { type RunProgressInput, runProgress } from './progress.ts';

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
