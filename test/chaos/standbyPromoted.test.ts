import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../race/Random.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { type PostgresPair, startPostgresPair } from '../support/postgresPair.ts';
import { describeRedis, type FreshDatabase, freshDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { ItemIndexes } from './items/ItemIndexes.ts';
import { writeItems } from './items/writeItems.ts';

/**
 * How a failover goes. `behind`: the standby lacks the last seconds. `level`: it lacks nothing. `split`: it lacks them, and the
 * primary before is reached once more. `mixed`: so often, and connections to it stay open. `swap`: it lacks a promotion.
 */
type Failover = 'behind' | 'level' | 'split' | 'mixed' | 'swap';

const KINDS = {
  source: ['behind', 'mixed', 'split', 'level'],
  ledger: ['swap', 'behind'],
  sink: ['swap', 'behind'],
} as const satisfies Record<string, readonly Failover[]>;
type Part = keyof typeof KINDS;

const FAILOVERS = Number(process.env.CHAOS_FAILOVERS ?? 1);
const seed = Number(process.env.LOAD_SEED ?? Math.floor(Math.random() * 1e9));
const PARTS = (process.env.CHAOS_PARTS ?? `source,${seed % 2 === 0 ? 'ledger' : 'sink'}`).split(',') as Part[];
const search = await openSearchUrl(3);

/**
 * A standby that does not have the last commits takes over from the PostgreSQL that is source, ledger or sink. What the
 * index has of those has to go, what the ledger has forgotten is done again, and what the sink has lost comes back.
 */
describeRedis(`a standby that is promoted, from seed ${seed}`, () => {
  describe.each(PARTS)('as the %s', (part) => {
    const random = new Random(seed);
    let pair: PostgresPair;
    let others: FreshDatabase;
    let items: ItemIndexes;

    beforeAll(async () => {
      pair = await startPostgresPair();
      others = await freshDatabase('others');
      const { url } = others;
      const servers = { source: url, ledger: url, sink: url, search, [part]: await pair.url('shop') };
      items = await ItemIndexes.start('standby', servers);
    });

    afterAll(async () => {
      await items?.close();
      await others?.drop();
      await pair?.stop();
    });

    it(
      'is followed: everything becomes equal by itself, and is built anew',
      async () => {
        for (let round = 0; round < FAILOVERS; round += 1) {
          const kinds = KINDS[part];
          await failOver(kinds[(round + Math.floor(seed / 2)) % kinds.length] ?? 'behind');
          await items.caughtUp();
          // A ledger that has forgotten a swap is caught up with what was live before, until the next sweep.
          await items.untilEqual(part === 'source' ? 0 : 120_000);
          await items.rebuilt();
          expect(await items.problems()).toEqual([]);
          if (round + 1 < FAILOVERS) await pair.renewStandby();
        }
        items.expectAlive();
      },
      FAILOVERS * 600_000,
    );

    /** While clients go on, until they are done. */
    async function failOver(kind: Failover): Promise<void> {
      const stop = new AbortController();
      const clients = [0, 1].map(() =>
        writeItems(items.source, {
          synchronous: 'on',
          random: random.fork(),
          signal: stop.signal,
          onFailure: () => {},
        }),
      );
      const endClients = () => {
        stop.abort();
        return Promise.all(clients);
      };
      await wait(random.between(500, 3_000));
      if (kind === 'level') {
        await endClients();
        await pair.standbyHasAll();
      } else {
        await pair.holdStandby();
        if (kind === 'swap') await items.rebuilt();
        else await wait(random.between(1_000, 3_000));
        // Clients are slow on a busy machine.
        await until('the standby lacks something', async () => (await pair.lacking()) > 0);
      }
      const isLeft = kind === 'split' || kind === 'mixed';
      const lost = await pair.failOver(isLeft ? 'cut-off' : 'dead', random.between(0, 2_000));
      if (kind !== 'level') expect(lost).toBeGreaterThan(0);
      if (isLeft) await meetOld(kind);
      await wait(random.between(0, 2_000));
      await endClients();
      // What goes on to write there is ended by now, and so are the connections to it.
      if (isLeft) await pair.endOld();
    }

    /** The primary before answers at the address again, for moments. */
    async function meetOld(kind: 'split' | 'mixed'): Promise<void> {
      await wait(random.between(0, 1_500));
      const open = kind === 'mixed' ? ('kept' as const) : undefined;
      for (let times = kind === 'mixed' ? 3 : 1; times > 0; times -= 1) {
        pair.showOld(true, open);
        await wait(random.between(100, 1_000));
        pair.showOld(false, open);
        await wait(random.between(100, 1_000));
      }
    }
  });
});
