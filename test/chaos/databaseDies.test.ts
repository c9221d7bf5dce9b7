import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../race/Random.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../support/privatePostgres.ts';
import { describeRedis } from '../support/servers.ts';
import { ItemIndexes } from './items/ItemIndexes.ts';
import { writeItems } from './items/writeItems.ts';

const CRASHES = Number(process.env.CHAOS_CRASHES ?? 3);
const seed = Number(process.env.LOAD_SEED ?? Math.floor(Math.random() * 1e9));
const search = await openSearchUrl(3);

/**
 * The PostgreSQL that is source, ledger and a sink at once dies in the midst of everything. Sessions that do not wait for
 * the disk lose what they committed last, and the numbers of those transactions come again for others.
 */
describeRedis(`a database that dies, from seed ${seed}`, () => {
  const random = new Random(seed);
  let server: PrivatePostgres;
  let items: ItemIndexes;
  let failedWrites = 0;

  beforeAll(async () => {
    server = await startPrivatePostgres();
    const url = await server.url('shop');
    items = await ItemIndexes.start('dies', { source: url, ledger: url, sink: url, search });
  });

  afterAll(async () => {
    await items?.close();
    await server?.stop();
  });

  it(
    'loses nothing that was kept, and shows nothing that was not',
    async () => {
      for (let crash = 0; crash < CRASHES; crash += 1) {
        const stop = new AbortController();
        const clients = (['on', 'off'] as const).map((synchronous) =>
          writeItems(items.source, {
            synchronous,
            random: random.fork(),
            signal: stop.signal,
            onFailure: () => {
              failedWrites += 1;
            },
          }),
        );
        await wait(random.between(2_000, 6_000));
        await server.crash();
        await wait(random.between(0, 3_000));
        await server.start();
        await wait(random.between(0, 2_000));
        stop.abort();
        await Promise.all(clients);
        // Here, so that no later crash repairs what this one broke.
        await items.caughtUp();
        await items.expectEqual();
        await items.rebuilt();
      }
      expect(failedWrites).toBeGreaterThan(0);
      items.expectAlive();
    },
    CRASHES * 600_000,
  );
});
