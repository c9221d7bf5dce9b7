import { query, readGauges } from '@reindeer/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestLedger, testLedger } from './fixture.ts';

let t: TestLedger;
beforeAll(async () => {
  t = await testLedger('gauges');
});
afterAll(() => t.close());

test('an empty ledger has nothing that waits', async () => {
  expect(await readGauges(t.ledger)).toMatchObject({ refreshOwed: [], holds: [], progressAgeSeconds: 0, workers: 0 });
});

test('ages of the oldest refresh owed to what is still there, and of the oldest hold in force', async () => {
  await query(
    t.ledger,
    `with made as (
       insert into runs (nonce, index, lane, definition, trigger, actor, status, indexed_at, finished_at)
       select nonce, 'books', 'rebuild', 1, 'manual', 'test', 'completed', now() - age, now()
         from (values ('old', interval '3 hours'), ('new', interval '1 hour')) as v (nonce, age) returning run, nonce
     ), generation as (
       insert into generations (index, number, name, definition, state, run, nonce)
       select 'books', case nonce when 'old' then 1 else 2 end, 'books_' || nonce, 1,
              case nonce when 'old' then 'live' else 'dropped' end, run, nonce from made returning generation, state
     )
     insert into owed_refreshes (index, generation, shard, cause, created_at)
     select 'books', generation, shard, 'promoted', now() - case state when 'live' then age else interval '9 days' end
       from generation, (values (0, interval '10 minutes'), (1, interval '20 minutes')) as v (shard, age)`,
  );
  await query(
    t.ledger,
    `insert into holds (index, lane, reason, actor, created_at, released_at)
     values ('books', null, 'paused', 'me', now() - interval '2 days', null),
            ('books', 'rebuild', 'paused', 'me', now() - interval '1 day', null),
            ('books', 'verify', 'paused', 'me', now() - interval '8 days', now()),
            (null, null, 'paused', 'me', now() - interval '1 minute', null)`,
  );
  const { refreshOwed, holds } = await readGauges(t.ledger);
  const rounded = (ages: typeof holds) =>
    Object.fromEntries(ages.map(({ index, seconds }) => [index, Math.floor(seconds / 60)]));
  expect(rounded(refreshOwed)).toEqual({ books: 20 });
  expect(rounded(holds)).toEqual({ books: 2 * 24 * 60, '*': 1 });
});
