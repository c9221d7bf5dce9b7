import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TASK_EVENTS, TASK_STATUSES, type TaskEvent, type TaskStatus, transitionTask } from './status.ts';

describe('transitionTask', () => {
  // The whole table once more, as the legal pairs alone: an edge added or lost by mistake is seen.
  const legal: Readonly<Record<TaskStatus, Partial<Record<TaskEvent, TaskStatus>>>> = {
    queued: { claim: 'running', cancel: 'cancelled' },
    running: {
      claim: 'running',
      'hand-back': 'queued',
      'owner-died': 'queued',
      complete: 'completed',
      fail: 'failed',
      cancel: 'cancelled',
    },
    completed: { complete: 'completed', fail: 'failed' },
    failed: { retry: 'queued' },
    cancelled: { retry: 'queued' },
  };
  const pairs = TASK_STATUSES.flatMap((status) => TASK_EVENTS.map((event) => [status, event] as const));

  it.each(pairs)('%s × %s', (status, event) => {
    expect(transitionTask(status, event)).toBe(legal[status][event] ?? null);
  });

  it('runs a task again that was completed only after it failed and was retried', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_EVENTS), { maxLength: 40 }), (events) => {
        let status: TaskStatus = 'completed';
        const seen: TaskEvent[] = [];
        for (const event of events) {
          const next = transitionTask(status, event);
          if (next === null) continue;
          seen.push(event);
          status = next;
        }
        const failed = seen.indexOf('fail');
        if (seen.includes('claim')) expect(seen.slice(failed, failed + 2)).toEqual(['fail', 'retry']);
        if (failed < 0) expect(status).toBe('completed');
      }),
    );
  });

  it('reaches every status from queued', () => {
    const reached = new Set<TaskStatus>(['queued']);
    for (const status of reached) {
      for (const event of TASK_EVENTS) {
        const next = transitionTask(status, event);
        if (next !== null) reached.add(next);
      }
    }
    expect([...reached].sort()).toEqual([...TASK_STATUSES].sort());
  });
});
