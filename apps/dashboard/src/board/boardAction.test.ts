import { appRoutes, buildHistoryRoutes } from '@bull-board/api/dist/routes.js';
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
  expect(boardAction({ method, route, params })).toEqual({ kind: 'act', action, target });
});

it('is nothing to look', () => {
  expect(boardAction({ method: 'get', route: '/api/queues', params: {} })).toEqual({ kind: 'look' });
});

it('knows every route that Bull Board has', () => {
  const provider = { usage: true, purge: true } as never;
  const routes = [
    ...appRoutes.api,
    ...buildHistoryRoutes(provider, { hasUsage: true, canPurge: true, hasLatency: true }),
  ];
  const acting = routes.flatMap(({ method, route }) =>
    [method]
      .flat()
      .filter((one) => one !== 'get')
      .map((one) => [one, [route].flat()[0] ?? ''] as const),
  );
  expect(acting.length).toBeGreaterThan(20);
  // The hooks are told the first method and the first route alone, so a route with several could hide one behind another.
  for (const { method, route } of routes) expect([method, route].map((one) => [one].flat().length)).toEqual([1, 1]);
  for (const [method, route] of acting)
    expect([route, boardAction({ method, route, params: {} }).kind]).toEqual([route, 'act']);
});

it('lets nobody use a route it does not know', () => {
  expect(boardAction({ method: 'post', route: '/api/queues/:queueName/new', params: {} })).toEqual({ kind: 'unknown' });
});
