import type { RunStatus } from '../run/status.ts';

/** What the owner of a slice does after a checkpoint. */
export type Directive =
  | { readonly kind: 'go-on' }
  | { readonly kind: 'hand-back'; readonly reason: 'paused' | 'cancelled' | 'turn' | 'drained' };

/** A run's own wish comes first, then the process's, then fairness. */
export function decideDirective(at: {
  readonly runStatus: RunStatus;
  readonly turnElapsedMs: number;
  readonly turnMs: number;
  readonly draining: boolean;
}): Directive {
  switch (at.runStatus) {
    case 'pausing':
    case 'paused':
      return { kind: 'hand-back', reason: 'paused' };
    case 'cancelling':
    case 'cancelled':
    case 'failed':
    case 'completed':
      return { kind: 'hand-back', reason: 'cancelled' };
    case 'queued':
    case 'running':
      if (at.draining) return { kind: 'hand-back', reason: 'drained' };
      return at.turnElapsedMs >= at.turnMs ? { kind: 'hand-back', reason: 'turn' } : { kind: 'go-on' };
  }
}
