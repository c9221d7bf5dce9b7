import {
  type Ledger,
  migrateLedger,
  openLedger,
  query,
  readGauges,
  readIndex,
  readIndexHealth,
  readLastRuns,
} from '@reindeer/ledger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';

let database: FreshDatabase;
let ledger: Ledger;

beforeAll(async () => {
  database = await freshDatabase('ledger_health');
  ledger = openLedger({ url: database.url });
  await migrateLedger(ledger);
  await query(ledger, `insert into indexes (index) values ('books'), ('empty')`);
  await query(
    ledger,
    `insert into generations (index, number, name, definition, state, run, nonce, shard_bounds)
     values ('books', 1, 'books_g1_a', 1, 'live', 1, 'a', '[["1"], ["2"], ["3"]]')`,
  );
  const run = (nonce: string, lane: string, shard: number, age: string, options = '{}', status = 'completed') =>
    query(
      ledger,
      `insert into runs (nonce, index, lane, shard, definition, generation, trigger, actor, status, indexed_at, finished_at, options)
       values ($1, 'books', $2, $3, 1, 1, 'manual', 'me', $4, $5, $5, $6)`,
      [nonce, lane, shard, status, age, options],
    );
  await run('a', 'rebuild', -1, '2026-01-01T00:00:00Z');
  await run('b', 'refresh', 0, '2026-01-05T00:00:00Z');
  await run('c', 'refresh', 1, '2026-01-04T00:00:00Z');
  await run('d', 'refresh', 2, '2026-01-03T00:00:00Z', '{"range": {"after": ["5"], "upTo": null}}');
  await run('e', 'verify', 1, '2026-01-06T00:00:00Z');
  await run('f', 'verify', 2, '2026-01-07T00:00:00Z');
  await run('g', 'refresh', 1, '2026-01-08T00:00:00Z');
  await run('h', 'refresh', 2, '2026-01-09T00:00:00Z', '{}', 'failed');
  await run('i', 'refresh', 3, '2026-01-10T00:00:00Z');
  // Of a generation before, which had more shards.
  await run('j', 'refresh', 4, '2026-01-11T00:00:00Z', '{}', 'failed');
  await query(
    ledger,
    `insert into tasks (run, kind, number, shard, status, missing, stale)
     values (5, 'slice', 1, 1, 'completed', 4, 0), (6, 'slice', 1, 2, 'completed', 1, 2), (6, 'slice', 2, 2, 'completed', 0, 3)`,
  );
  await query(
    ledger,
    `insert into owed_refreshes (index, generation, shard, cause, created_at, discharged_at)
     values ('books', 1, 2, 'not-caught-up', '2026-01-01T00:00:00Z', null), ('books', 1, 2, 'truncate', '2026-01-02T00:00:00Z', null),
            ('books', 1, 1, 'not-caught-up', '2026-01-01T00:00:00Z', now())`,
  );
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
});

test('an index is as fresh as its stalest shard, and shows what was found and not repaired since', async () => {
  expect(await readIndexHealth(ledger)).toEqual([
    {
      index: 'books',
      shards: 4,
      // Neither a part of the shard nor a run that failed made shard 2 any fresher.
      indexedAt: '2026-01-01T00:00:00.000Z',
      stalestShard: 2,
      owed: { shards: 1, since: '2026-01-01T00:00:00.000Z', causes: ['not-caught-up', 'truncate'] },
      // What the verify of shard 1 found, the refresh after it has repaired.
      verified: { shards: 2, since: '2026-01-06T00:00:00.000Z', missing: 1, extra: 0, stale: 5, run: 6 },
    },
  ]);
});

test('the last runs are the latest of each shard that there is, and three rebuilds', async () => {
  expect((await readLastRuns(ledger)).map(({ run }) => run)).toEqual([9, 8, 7, 6, 5, 2, 1]);
});

test('an index whose feed was ended says how, and no list of last runs has the feed', async () => {
  await query(ledger, `update indexes set changes = 'log', feed_every_ms = 1000 where index = 'books'`);
  const [ended] = await query<{ run: string }>(
    ledger,
    `insert into runs (nonce, index, lane, shard, definition, trigger, actor, status, reason, error, finished_at)
     values ('feed', 'books', 'incremental', -1, 1, 'start', 'me', 'failed', 'definition-mismatch', 'It changed.', now())
     returning run`,
  );
  expect((await readIndex(ledger, 'books'))?.feed).toMatchObject({
    run: null,
    state: 'stands',
    detail: `No feed runs; a scheduler starts it. The last one, run ${ended?.run}, is failed (definition-mismatch): It changed.`,
  });
  await query(ledger, `update indexes set removed_at = now() where index = 'books'`);
  expect((await readIndex(ledger, 'books'))?.feed).toBeNull();
  await query(ledger, `update indexes set removed_at = null where index = 'books'`);
  // It has finished no pass: that is no lag of nothing.
  expect((await readIndex(ledger, 'books'))?.lagSeconds).toBe(null);
  expect((await readGauges(ledger)).feeds).toEqual([{ index: 'books', lagSeconds: null, requestedKeys: 0 }]);
  expect((await readLastRuns(ledger)).map(({ lane }) => lane)).not.toContain('incremental');
  await query(ledger, `update generations set stale_reason = 'definition-mismatch'`);
  expect((await readIndex(ledger, 'books'))?.feed).toMatchObject({
    state: 'stands',
    reason: 'generation-stale',
    detail: 'What is live is not kept current any more (definition-mismatch). Run a rebuild.',
  });
  await query(ledger, `update generations set stale_reason = null`);
  await query(
    ledger,
    `insert into holds (index, lane, reason, actor) values ('books', 'refresh', 'source-replaced', 'reindeer')`,
  );
  await query(
    ledger,
    `insert into runs (nonce, index, lane, shard, definition, trigger, actor, status)
     values ('feed again', 'books', 'incremental', -1, 1, 'start', 'me', 'running')`,
  );
  expect((await readIndex(ledger, 'books'))?.feed).toMatchObject({ state: 'stands', reason: 'source-replaced' });
});
