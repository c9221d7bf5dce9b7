import { query, transaction } from '@reindeer/ledger';
import { createMetrics } from '@reindeer/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { handleTick } from '../../../apps/scheduler/src/handleTick.ts';
import { booksDefinition as definition } from '../../support/booksDefinition.ts';
import { type TestLedger, testLedger } from '../ledger/fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('tick');
});
afterEach(() => t.close());

it('waits for a ledger that is away: a daily tick fires once', async () => {
  const warnings: string[] = [];
  const tick = () =>
    handleTick(
      {
        config: { indexes: { books: definition } },
        engine: {
          ledger: t.ledger,
          deliver: async () => {},
          observer: { documents() {}, bytes() {}, batch() {}, throttled() {}, event() {} },
        },
        logger: { info() {}, warn: (_: unknown, message?: string) => warnings.push(message ?? '') },
        metrics: createMetrics('test'),
        signal: new AbortController().signal,
      },
      { index: 'books', lane: 'rebuild', shard: -1 },
      1_000,
    );
  let answer: ReturnType<typeof tick> | undefined;
  await transaction(t.ledger, async (client) => {
    await client.query(`lock table runs in access exclusive mode`);
    answer = tick();
    // Ends the connection of the statement that waits for the lock, as a ledger that restarts does.
    for (let broken = 0; broken === 0; ) {
      broken = (
        await query(
          t.ledger,
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length;
    }
  });
  expect(await answer).toMatchObject({ kind: 'started' });
  expect(warnings).toEqual(['tick: not decided yet; tried again']);
});
