import { describe, expect, it } from 'vitest';
import { RUN_STATUSES } from '../run/status.ts';
import { decideDirective } from './directive.ts';

const at = { runStatus: 'running', turnElapsedMs: 0, turnMs: 1_000, draining: false } as const;

describe('decideDirective', () => {
  it('goes on only while the run runs', () => {
    const going = RUN_STATUSES.filter((runStatus) => decideDirective({ ...at, runStatus }).kind === 'go-on');
    expect(going).toEqual(['queued', 'running']);
  });

  it.each([
    [{ ...at, turnElapsedMs: 1_000 }, 'turn'],
    [{ ...at, draining: true }, 'drained'],
    [{ ...at, draining: true, runStatus: 'pausing' as const }, 'paused'],
    [{ ...at, turnElapsedMs: 5_000, runStatus: 'cancelling' as const }, 'cancelled'],
  ])('%#: hands back', (asked, reason) => {
    expect(decideDirective(asked)).toEqual({ kind: 'hand-back', reason });
  });
});
