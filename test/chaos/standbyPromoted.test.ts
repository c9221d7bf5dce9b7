import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Random } from '../race/Random.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { type PostgresPair, startPostgresPair } from '../support/postgresPair.ts';
import { describeRedis, freshDatabase } from '../support/servers.ts';
import { ItemIndexes } from './items/ItemIndexes.ts';
import { writeItems } from './items/writeItems.ts';

const FAILOVERS = Number(process.env.CHAOS_FAILOVERS ?? 3);
const seed = Number(process.env.LOAD_SEED ?? Math.floor(Math.random() * 1e9));
const search = await openSearchUrl(3);
const PARTS = (process.env.CHAOS_FAILOVER_OF ?? 'source').split(',') as ('source' | 'ledger' | 'sink')[];

/**
 * A standby that does not have the last commits takes over. What the index has of those has to go, and numbers of transactions
 * mean others from there on.
 */
describeRedis(`a standby that is promoted, from seed ${seed}`, () => {
  describe.each(PARTS)('of the %s', (part) => {
    const random = new Random(seed);
    let pair: PostgresPair;
    let items: ItemIndexes;
    const seen: Record<string, unknown>[] = [];

    beforeAll(async () => {
      pair = await startPostgresPair();
      const { url } = await freshDatabase('standby_others');
      items = await ItemIndexes.start('standby', {
        source: url,
        ledger: url,
        sink: url,
        search,
        [part]: await pair.url('shop'),
      });
    }, 180_000);

    afterAll(async () => {
      console.log(seen);
      await items?.close();
      await pair?.stop();
    }, 60_000);

    const KINDS = (process.env.CHAOS_KINDS ?? 'lossy,split').split(',') as ('lossy' | 'whole' | 'split' | 'kept')[];

    it(
      'is followed, and what it lacks is not shown',
      async () => {
        for (let round = 0; round < FAILOVERS; round += 1) {
          const kind = KINDS[round % KINDS.length] ?? 'lossy';
          const stop = new AbortController();
          let committed = 0;
          const clients = [0, 1].map(() =>
            writeItems(items.source, {
              synchronous: 'on',
              random: random.fork(),
              signal: stop.signal,
              onFailure: () => {
                committed -= 1;
              },
            }),
          );
          const began = performance.now();
          await wait(random.between(500, 3_000));
          let before: Map<string, string> | null = null;
          const table = async () =>
            new Map((await items.source.query('select id, title from item')).rows.map(({ id, title }) => [id, title]));
          if (kind === 'whole') {
            stop.abort();
            await Promise.all(clients);
            await pair.standbyHasAll();
          } else {
            await pair.holdStandby();
            await wait(random.between(1_000, 3_000));
            before = await table();
          }
          await pair.failOver(kind === 'split' || kind === 'kept' ? 'cut-off' : 'dead', random.between(0, 2_000));
          const after = await table();
          const lost = before === null ? 0 : [...before].filter(([id, title]) => after.get(id) !== title).length;
          if (kind === 'split' || kind === 'kept') {
            await wait(random.between(0, 1_500));
            pair.showOld(true);
            await wait(random.between(200, 1_500));
            if (kind === 'kept')
              for (let flips = 2 * random.between(1, 3); flips > 0; flips -= 1) {
                pair.showOld(flips % 2 === 0, 'kept');
                await wait(random.between(100, 800));
              }
            pair.showOld(false, kind === 'kept' ? 'kept' : undefined);
          }
          await wait(random.between(0, 2_000));
          stop.abort();
          await Promise.all(clients);
          const failed = performance.now();
          if (kind === 'kept') await pair.renewStandby();
          await items.caughtUp();
          await items.expectEqual();
          const equal = performance.now();
          await items.rebuilt();
          seen.push({
            kind,
            lost,
            wroteMs: failed - began,
            equalMs: equal - failed,
            rebuiltMs: performance.now() - equal,
          });
          console.log(seen.at(-1));
          if (kind !== 'kept') await pair.renewStandby();
        }
        items.expectAlive();
      },
      FAILOVERS * 240_000,
    );
  });
});
