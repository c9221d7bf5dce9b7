import type { IncomingHttpHeaders } from 'node:http';
import type { BeforeHookResult, BoardHooks, HookContext } from '@bull-board/api/typings/app';
import { type Ledger, mirrorQueuePause, recordAudit } from '@reindeer/ledger';
import { type BoardQueue, type TaskQueue, toDeliveries } from '@reindeer/queue';
import type { Logger } from '@reindeer/runtime';
import { personOf } from '../access/signedIn.ts';
import { boardAction } from './boardAction.ts';

const MAX_DETAIL_CHARACTERS = 2_000;

/**
 * Stands before every route of Bull Board: only operators act, and what they do is written down first. A pause or a
 * resume also becomes one in the ledger, which decides what runs; what is missed here the reconciler mirrors.
 */
export function boardHooks(
  ledger: Ledger,
  queue: TaskQueue,
  queues: readonly BoardQueue[],
  logger: Logger,
): BoardHooks {
  return {
    async before(context): Promise<BeforeHookResult> {
      const asked = boardAction({ ...context, params: context.request.params });
      if (asked.kind === 'look') return { allow: true };
      const person = personOf(context.request.headers as IncomingHttpHeaders);
      if (asked.kind === 'unknown') {
        const { method, route } = context;
        logger.error(
          { name: person?.name, method, route },
          'refused in Bull Board: a route this dashboard does not know',
        );
        return { allow: false, status: 403, message: 'This dashboard does not know what that does, so nobody may.' };
      }
      const { action, target } = asked;
      const done = { action, target };
      if (person?.role !== 'operator') {
        logger.warn({ name: person?.name, ...done }, 'refused in Bull Board: not an operator');
        return { allow: false, status: 403, message: 'Only operators act. You are signed in as a viewer.' };
      }
      await recordAudit(ledger, { actor: person.name, ...done, detail: detail(context) });
      logger.info({ name: person.name, ...done }, 'acted in Bull Board');
      return { allow: true };
    },
    async after(context, result) {
      const verb = /\/(pause|resume)$/.exec(context.route)?.[1];
      if (context.method === 'get' || verb === undefined || (result.status ?? 200) >= 400) return result;
      const actor = personOf(context.request.headers as IncomingHttpHeaders)?.name ?? 'unknown';
      try {
        for (const index of touched(context)) await mirror(index, verb === 'pause', actor);
      } catch (err) {
        // Bull Board would answer 500 and say nothing in the log.
        logger.error({ err, route: context.route }, 'the ledger does not know yet of a pause or resume in Bull Board');
        throw err;
      }
      return result;
    },
  };

  async function mirror(index: string, paused: boolean, actor: string): Promise<void> {
    if (!paused && (await queue.pausedQueues([index])).length > 0) return;
    const { due } = await mirrorQueuePause(ledger, { index, paused, actor });
    await queue.deliver(toDeliveries(due));
  }

  /** The indexes of the queue in the path, or of all queues. */
  function touched(context: HookContext): Set<string> {
    const { queueName } = context.request.params;
    const meant = queues.filter(({ name }) => queueName === undefined || name === queueName);
    return new Set(meant.flatMap(({ index }) => index ?? []));
  }
}

function detail(context: HookContext): Record<string, unknown> {
  const body = JSON.stringify(context.request.body ?? {});
  return {
    from: 'Bull Board',
    body: body.length > MAX_DETAIL_CHARACTERS ? `${body.slice(0, MAX_DETAIL_CHARACTERS)}…` : body,
  };
}
