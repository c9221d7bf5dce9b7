import { describe, expect, it } from 'vitest';
import type { Position } from '../source.ts';
import { drain, noAbort, type OpenLogged, passOf, readChanges, useLogged } from './readChanges.ts';
import type { LoggedFixture } from './sourceHarness.ts';
import { rowOf } from './sourceRows.ts';

const WRITERS = 4;
const TRANSACTIONS = 40;
const KEYS_PER_WRITER = 25;

/** Writers at random while consumers follow at their own speeds, and the log is pruned behind the slowest. */
export function changeFuzzCases(open: OpenLogged): void {
  describe('with many writers at random', () => {
    const given = process.env.REINDEER_TEST_SEED;
    const seeds = given === undefined ? [0, 1, 2].map(() => Math.floor(Math.random() * 2 ** 31)) : [Number(given)];
    it.each(seeds)('every change is given to every consumer after it was committed (seed %i)', (seed) =>
      useLogged(open, ['integer'], [], (fixture) => follow(fixture, seed)),
    );
  });
}

async function follow(fixture: LoggedFixture, seed: number): Promise<void> {
  const { log } = fixture.source;
  if (log === null) throw new Error('no log');
  const start = await fixture.source.position(noAbort());
  // Places in one order: between `from` and `to` the transaction became visible, or the pass took its snapshot.
  let place = 0;
  const now = () => {
    place += 1;
    return place;
  };
  const changes: { key: string; from: number; to: number }[] = [];
  let isWriting = true;
  const write = async (writer: number) => {
    const random = mulberry(seed + writer);
    const pick = () => String(writer * 1_000 + Math.floor(random() * KEYS_PER_WRITER));
    for (let done = 0; done < TRANSACTIONS; done += 1) {
      const transaction = await fixture.begin();
      let touched = new Set<string>();
      for (let step = 0; step <= random() * 4; step += 1) {
        const choice = random();
        const before = new Set(touched);
        const back = choice < 0.3 ? await transaction.savepoint() : null;
        const key = pick();
        if (random() < 0.3) {
          await transaction.remove([[key]]);
          // A key that was not there has not changed; but it does no harm to be told of one that has.
        } else {
          await transaction.put([rowOf([key], `${done}`)]);
          touched.add(key);
        }
        if (random() < 0.2) {
          const [from, to] = [pick(), pick()];
          await transaction.remove([[to]]);
          await transaction.put([rowOf([from])]);
          if (from !== to) {
            await transaction.rekey([from], [to]);
            touched.add(from).add(to);
          }
        }
        if (back !== null && random() < 0.5) {
          await back();
          touched = before;
        }
      }
      if (random() < 0.2) await transaction.rollback();
      else {
        const from = now();
        await transaction.commit();
        const to = now();
        for (const key of touched) changes.push({ key, from, to });
      }
    }
  };
  const consumers = Array.from({ length: 3 }, (): Consumer => ({ position: start, passes: [] }));
  const consume = async (consumer: Consumer, maxDocuments: number) => {
    const from = now();
    const pass = await passOf(fixture, [consumer.position], maxDocuments);
    const to = now();
    const { ids, upTo } = await drain(pass);
    consumer.passes.push({ from, to, ids: new Set(ids) });
    consumer.position = upTo;
  };
  const feed = async (consumer: Consumer, speed: number) => {
    while (isWriting) await consume(consumer, [3, 10, 100][speed] ?? 10);
  };
  const pruning = async () => {
    while (isWriting) await log.prune(positions(consumers), noAbort());
  };
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer))).finally(() => {
    isWriting = false;
  });
  await Promise.all([writing, ...consumers.map(feed), pruning()]);
  expect(changes.length).toBeGreaterThan(WRITERS * TRANSACTIONS * 0.5);
  for (const consumer of consumers) {
    await consume(consumer, 50);
    for (const change of changes) {
      expect(wasGiven(consumer, change), `${JSON.stringify(change)}, seed ${seed}`).toBe(true);
    }
    expect((await readChanges(fixture, [consumer.position])).ids).toEqual([]);
  }
  await log.prune(positions(consumers), noAbort());
  expect(await fixture.logged()).toBe(0);
}

interface Consumer {
  position: Position;
  readonly passes: { readonly from: number; readonly to: number; readonly ids: ReadonlySet<string> }[];
}

/** By a pass that may have seen it, and not later than the first that must have. */
function wasGiven({ passes }: Consumer, change: { key: string; from: number; to: number }): boolean {
  const must = passes.findIndex(({ from }) => from > change.to);
  return passes.slice(0, must + 1).some(({ to, ids }) => to > change.from && ids.has(change.key));
}

function positions(consumers: readonly Consumer[]): Position[] {
  return consumers.map(({ position }) => position);
}

/** Numbers from 0 to 1 that a seed decides. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
