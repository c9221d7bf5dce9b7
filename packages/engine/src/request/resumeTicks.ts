import { recordAudit } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

/**
 * Resumes the queue that every schedule fires into, when somebody paused it in Bull Board: "pause all" there pauses it
 * too, and it belongs to no index, so that no hold stands for it. False: it was not paused.
 */
export async function resumeTicks(
  context: Pick<EngineContext, 'ledger'> & {
    readonly queue: { ticksPaused(): Promise<boolean>; resumeTicks(): Promise<void> };
  },
  by: { actor: string; note: string | null },
): Promise<boolean> {
  if (!(await context.queue.ticksPaused())) return false;
  await context.queue.resumeTicks();
  await recordAudit(context.ledger, {
    actor: by.actor,
    action: 'resume',
    target: 'the queue of ticks',
    detail: { note: by.note },
  });
  return true;
}
