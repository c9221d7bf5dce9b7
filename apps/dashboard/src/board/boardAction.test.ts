import { expect, it } from 'vitest';
import { boardAction } from './boardAction.ts';

it.each([
  ['put', '/api/queues/:queueName/pause', { queueName: 'cities.bulk' }, 'queue.pause', 'cities.bulk'],
  ['put', '/api/queues/resume', {}, 'queue.resume', '*'],
  [
    'put',
    '/api/queues/:queueName/:jobId/retry',
    { queueName: 'cities.bulk', jobId: 'x.s1.1' },
    'job.retry',
    'cities.bulk/x.s1.1',
  ],
  [
    'put',
    '/api/queues/:queueName/clean/:queueStatus',
    { queueName: 'q', queueStatus: 'failed' },
    'queue.clean',
    'q (failed)',
  ],
  ['put', '/api/queues/:queueName/rate-limit/release', { queueName: 'q' }, 'queue.rate-limit-release', 'q'],
  [
    'put',
    '/api/queues/:queueName/job-schedulers/:schedulerId/run',
    { queueName: 'ticks', schedulerId: 's' },
    'schedule.run',
    'ticks/s',
  ],
  [
    'patch',
    '/api/queues/:queueName/job-schedulers/:schedulerId',
    { queueName: 'ticks', schedulerId: 's' },
    'schedule.edit',
    'ticks/s',
  ],
] as const)('%s %s', (method, route, params, action, target) => {
  expect(boardAction({ method, route, params })).toEqual({ action, target });
});

it('is nothing to look', () => {
  expect(boardAction({ method: 'get', route: '/api/queues', params: {} })).toBeNull();
});
