import type { Reason } from '@reindeer/core';
import * as operations from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';

export type ControlAnswer =
  | { readonly kind: 'done'; readonly status: string }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

/** Stops a run: at its next checkpoints, or with `force` at once, its claims void. */
export async function cancelRun(
  context: Pick<EngineContext, 'ledger'>,
  run: number,
  by: { actor: string; note: string | null; force: boolean },
): Promise<ControlAnswer> {
  const status = await operations.cancelRun(context.ledger, run, by.force);
  if (status !== null) {
    await operations.recordAudit(context.ledger, {
      actor: by.actor,
      action: 'cancel',
      target: `run ${run}`,
      detail: { note: by.note, force: by.force },
    });
    return { kind: 'done', status };
  }
  return { kind: 'refused', reason: 'no-changes', detail: `Run ${run} does not exist or has ended already.` };
}

/** Runs again only what failed of a failed run. */
export async function retryRun(
  context: Pick<EngineContext, 'ledger' | 'deliver'>,
  run: number,
  by: { actor: string; note: string | null },
): Promise<ControlAnswer> {
  const reopened = await operations.reopenRun(context.ledger, run);
  if (reopened.kind === 'refused') return reopened;
  await operations.recordAudit(context.ledger, {
    actor: by.actor,
    action: 'retry',
    target: `run ${run}`,
    detail: { note: by.note },
  });
  await context.deliver(reopened.due);
  return { kind: 'done', status: 'queued' };
}
