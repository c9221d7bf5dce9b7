import type { HookContext } from '@bull-board/api/typings/app';

export interface BoardAction {
  /** Stable: `queue.pause`, `job.retry`, `schedule.run`. */
  readonly action: string;
  /** The queue, and the job or schedule in it; `*` for all queues. */
  readonly target: string;
}

/** What somebody does in Bull Board; null when they only look. */
export function boardAction(
  context: Pick<HookContext, 'method' | 'route'> & { params: Record<string, unknown> },
): BoardAction | null {
  if (context.method === 'get') return null;
  const { queueName, jobId, schedulerId, queueStatus } = context.params;
  const words = context.route.split('/').filter((part) => part !== '' && !part.startsWith(':'));
  const verb =
    words
      .slice(words.indexOf('queues') + 1)
      .filter((word) => word !== 'job-schedulers')
      .join('-') || 'edit';
  const thing = schedulerId !== undefined ? 'schedule' : jobId !== undefined ? 'job' : 'queue';
  const status = queueStatus === undefined ? '' : ` (${String(queueStatus)})`;
  const target = [queueName ?? '*', schedulerId ?? jobId]
    .filter((part) => part !== undefined)
    .map(String)
    .join('/');
  return { action: `${thing}.${verb}`, target: `${target}${status}` };
}
