import type { HookContext } from '@bull-board/api/typings/app';

export interface BoardAction {
  /** Stable: `queue.pause`, `job.retry`, `schedule.run`. */
  readonly action: string;
  /** The queue, and the job or schedule in it; `*` for all queues. */
  readonly target: string;
}

export type BoardRoute =
  | { readonly kind: 'look' }
  | ({ readonly kind: 'act' } & BoardAction)
  /** A route that Bull Board got after this table was written: nobody may use it before somebody has looked at it. */
  | { readonly kind: 'unknown' };

/** Everything that Bull Board can do to a queue, by method and route. */
const ACTIONS: Readonly<Record<string, string>> = {
  'put /api/queues/pause': 'queue.pause',
  'put /api/queues/resume': 'queue.resume',
  'post /api/queues/:queueName/add': 'queue.add',
  'put /api/queues/:queueName/retry/:queueStatus': 'queue.retry',
  'put /api/queues/:queueName/promote': 'queue.promote',
  'put /api/queues/:queueName/clean/:queueStatus': 'queue.clean',
  'put /api/queues/:queueName/pause': 'queue.pause',
  'put /api/queues/:queueName/resume': 'queue.resume',
  'put /api/queues/:queueName/concurrency': 'queue.concurrency',
  'put /api/queues/:queueName/rate-limit': 'queue.rate-limit',
  'put /api/queues/:queueName/rate-limit/release': 'queue.rate-limit-release',
  'put /api/queues/:queueName/empty': 'queue.empty',
  'put /api/queues/:queueName/obliterate': 'queue.obliterate',
  'put /api/queues/:queueName/job-schedulers/:schedulerId/remove': 'schedule.remove',
  'patch /api/queues/:queueName/job-schedulers/:schedulerId': 'schedule.edit',
  'put /api/queues/:queueName/job-schedulers/:schedulerId/run': 'schedule.run',
  'put /api/queues/:queueName/:jobId/retry': 'job.retry',
  'put /api/queues/:queueName/:jobId/clean': 'job.clean',
  'put /api/queues/:queueName/:jobId/promote': 'job.promote',
  'patch /api/queues/:queueName/:jobId/update-data': 'job.update-data',
  'patch /api/queues/:queueName/:jobId/delay': 'job.delay',
  'patch /api/queues/:queueName/:jobId/priority': 'job.priority',
  'put /api/queues/:queueName/:jobId/remove-unprocessed-children': 'job.remove-unprocessed-children',
  'post /api/metrics/history/purge': 'history.purge',
};

/** What a request to Bull Board does. */
export function boardAction(
  context: Pick<HookContext, 'method' | 'route'> & { params: Record<string, unknown> },
): BoardRoute {
  if (context.method === 'get') return { kind: 'look' };
  const action = ACTIONS[`${context.method} ${context.route}`];
  if (action === undefined) return { kind: 'unknown' };
  const { queueName, jobId, schedulerId, queueStatus } = context.params;
  const status = queueStatus === undefined ? '' : ` (${String(queueStatus)})`;
  const target = [queueName ?? '*', schedulerId ?? jobId]
    .filter((part) => part !== undefined)
    .map(String)
    .join('/');
  return { kind: 'act', action, target: `${target}${status}` };
}
