import { expect, test } from 'vitest';
import { limitLines } from './limitLines.ts';

test('says what is limited, how, and where it is released', () => {
  const rate = { max: 1, durationMs: 60_000 };
  expect(limitLines([{ queue: 'cities.bulk', index: 'cities', concurrency: null, rate, waitMs: 42_000 }])).toEqual([
    'The queue cities.bulk is limited in Bull Board: at most 1 job begun in 1 min; nothing begins for another 42 s. Release it there: /queues/queue/cities.bulk',
  ]);
});
