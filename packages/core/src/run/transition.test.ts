import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN_PHASES } from './phase.ts';
import { isOpen, RUN_STATUSES, type RunStatus } from './status.ts';
import { PHASE_EVENTS, RUN_EVENTS, type RunEvent, transitionPhase, transitionStatus } from './transition.ts';

describe('run status', () => {
  // The whole table once more, as the legal pairs alone: an edge added or lost by mistake is seen.
  const legal: Readonly<Record<RunStatus, Partial<Record<RunEvent, RunStatus>>>> = {
    queued: {
      claim: 'running',
      'pause-asked': 'pausing',
      'cancel-asked': 'cancelling',
      'task-failed': 'failed',
    },
    running: {
      claim: 'running',
      'pause-asked': 'pausing',
      'cancel-asked': 'cancelling',
      'task-failed': 'failed',
      completed: 'completed',
    },
    pausing: {
      'pause-asked': 'pausing',
      'resume-asked': 'running',
      'cancel-asked': 'cancelling',
      'all-idle': 'paused',
      'task-failed': 'failed',
      completed: 'completed',
    },
    paused: {
      'pause-asked': 'paused',
      'resume-asked': 'running',
      'cancel-asked': 'cancelling',
      'all-idle': 'paused',
      'task-failed': 'failed',
    },
    cancelling: {
      'pause-asked': 'cancelling',
      'cancel-asked': 'cancelling',
      'all-idle': 'cancelled',
      'task-failed': 'cancelled',
      completed: 'completed',
    },
    cancelled: {},
    failed: { 'retry-asked': 'queued' },
    completed: {},
  };
  const pairs = RUN_STATUSES.flatMap((status) => RUN_EVENTS.map((event) => [status, event] as const));

  it.each(pairs)('%s × %s', (status, event) => {
    expect(transitionStatus(status, event)).toBe(legal[status][event] ?? null);
  });

  it('leaves an ended run alone, but for the retry of a failed one', () => {
    for (const status of RUN_STATUSES.filter((one) => !isOpen(one))) {
      const legal = RUN_EVENTS.filter((event) => transitionStatus(status, event) !== null);
      expect(legal).toEqual(status === 'failed' ? ['retry-asked'] : []);
    }
  });

  it('from every open status, a person can end the run', () => {
    for (const status of RUN_STATUSES.filter(isOpen)) {
      const asked = transitionStatus(status, 'cancel-asked');
      expect(asked).toBe('cancelling');
      expect(transitionStatus(asked as RunStatus, 'all-idle')).toBe('cancelled');
    }
  });

  it('never lets a run that is being cancelled run again', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...RUN_EVENTS), { maxLength: 30 }), (events) => {
        let status: RunStatus = 'cancelling';
        for (const event of events) status = transitionStatus(status, event) ?? status;
        expect(['cancelling', 'cancelled', 'completed']).toContain(status);
      }),
    );
  });

  it('does not claim tasks of a run that pauses or is paused (a hold holds)', () => {
    expect(transitionStatus('pausing', 'claim')).toBeNull();
    expect(transitionStatus('paused', 'claim')).toBeNull();
  });
});

describe('run phase', () => {
  it('goes through all phases in order, and only forwards', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PHASE_EVENTS), { maxLength: 40 }), (events) => {
        let phase: (typeof RUN_PHASES)[number] = 'planning';
        for (const event of events) {
          const next = transitionPhase(phase, event);
          if (next === null) continue;
          expect(RUN_PHASES.indexOf(next)).toBe(RUN_PHASES.indexOf(phase) + 1);
          phase = next;
        }
      }),
    );
    let phase: (typeof RUN_PHASES)[number] = 'planning';
    for (const event of PHASE_EVENTS) phase = transitionPhase(phase, event) ?? phase;
    expect(phase).toBe('soaking');
  });
});
