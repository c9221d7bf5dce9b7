import { expect, test } from 'vitest';
import { RUN_PHASES } from './phase.ts';
import { runState } from './state.ts';
import { isOpen, OPEN_STATUSES, RUN_STATUSES } from './status.ts';

test.each(RUN_STATUSES)('%s is shown as its phase only while it runs', (status) => {
  for (const phase of RUN_PHASES) expect(runState(status, phase)).toBe(status === 'running' ? phase : status);
});

test('a run is open until it has ended; a paused one is (I5)', () => {
  expect(RUN_STATUSES.filter((status) => !isOpen(status))).toEqual(['cancelled', 'failed', 'completed']);
  expect(OPEN_STATUSES).toContain('paused');
});
