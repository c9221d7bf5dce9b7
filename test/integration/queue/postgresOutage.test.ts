import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTaskQueue, type TaskQueue } from '../../../packages/queue/src/index.ts';
import { eventually } from '../../support/eventually.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import { delivery } from './delivery.ts';

describe('a PostgreSQL in trouble', () => {
  let database: FreshDatabase;
  let queue: TaskQueue;
  const errors: Error[] = [];

  beforeEach(async () => {
    errors.length = 0;
    database = await freshDatabase('queue_outage');
    queue = await openTaskQueue({ url: database.url, prefix: 'reindeer', onError: (error) => errors.push(error) });
  });
  afterEach(async () => {
    await queue.close();
    await database.drop();
  });

  it('cuts all connections, listening ones too: the consumer goes on', async () => {
    const seen: number[] = [];
    for (const index of ['cities', 'towns']) {
      queue.consumeTasks(index, 'bulk', 2, async ({ number }) => {
        seen.push(number);
        return { kind: 'done', result: null };
      });
    }
    await queue.deliver([delivery({ number: 1 }), delivery({ index: 'towns', number: 2 })]);
    await eventually(() => expect(seen.toSorted()).toEqual([1, 2]));
    // One whose end is not written down yet is delivered again.
    const first = [delivery({ number: 1 }), delivery({ index: 'towns', number: 2 })];
    await eventually(async () => expect(await queue.present(first)).toEqual([false, false]));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await client.end();
    await eventually(() => queue.deliver([delivery({ number: 3 }), delivery({ index: 'towns', number: 4 })]));
    await eventually(() => expect(seen.toSorted()).toEqual([1, 2, 3, 4]));
    expect(errors.length).toBeLessThan(10);
  });
});
