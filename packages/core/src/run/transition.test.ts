import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN_PHASES } from './phase.ts';
import { isOpen, RUN_STATUSES, type RunStatus } from './status.ts';
import { PHASE_EVENTS, RUN_EVENTS, transitionPhase, transitionStatus } from './transition.ts';

describe('run status', () => {
  it('is total: every pair is decided, and leads to a known status or nowhere', () => {
    for (const status of RUN_STATUSES) {
      for (const event of RUN_EVENTS) {
        const next = transitionStatus(status, event);
        expect(next === null || RUN_STATUSES.includes(next), `${status} × ${event}`).toBe(true);
      }
    }
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
