import { setImmediate } from 'node:timers/promises';
import { documentId, type Key } from '@reindeer/core';
import { describe, expect, it } from 'vitest';
import type { ChangePass, Position } from '../source.ts';
import { noAbort, passOf, promises, readChanges, useFollowed } from './readChanges.ts';
import { collect, readSource } from './readSource.ts';
import type { FollowedFixture, KeyKind } from './sourceHarness.ts';
import { rowOf } from './sourceRows.ts';

const WRITERS = 4;
const TRANSACTIONS = 40;
const KEYS_PER_WRITER = 25;

/** Writers at random while consumers follow at their own speeds, and the log is pruned behind the slowest. */
export function changeFuzzCases<F extends FollowedFixture>(
  open: (kinds: readonly KeyKind[]) => Promise<F>,
  afterwards?: (fixture: F, positions: readonly Position[]) => Promise<void>,
): void {
  describe('with many writers at random', () => {
    const given = process.env.REINDEER_TEST_SEED;
    const seeds = given === undefined ? [0, 1, 2].map(() => Math.floor(Math.random() * 2 ** 31)) : [Number(given)];
    it.each(seeds)('every change is given to every consumer after it was committed (seed %i)', (seed) =>
      useFollowed(open, ['integer'], [], async (fixture) => {
        const reached = await follow(fixture, seed);
        await afterwards?.(fixture, reached);
      }),
    );
  });
}

/** @returns how far the consumers have come. */
async function follow(fixture: FollowedFixture, seed: number): Promise<readonly Position[]> {
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
          await transaction.put([rowOf([key], `${done} ${step}`)]);
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
  const consumers = Array.from({ length: 3 }, (): Consumer => ({ position: start, passes: [], documents: new Map() }));
  const consume = async (consumer: Consumer, maxDocuments: number) => {
    const from = now();
    const pass = await passOf(fixture, [consumer.position], maxDocuments);
    const to = now();
    const ids = new Set<string>();
    for await (const { keys } of pass.pages) {
      for (const key of keys) ids.add(documentId(key));
      await index(fixture, consumer, keys);
    }
    consumer.passes.push({ from, to, ids });
    consumer.position = pass.upTo;
  };
  const feed = async (consumer: Consumer, speed: number) => {
    const random = mulberry(seed - speed);
    const maxDocuments = [3, 10, 100][speed] ?? 10;
    while (isWriting) {
      // Whoever reads a pass, whole or in part, and then dies has come no further by it.
      if (random() < 0.2) await leave(await passOf(fixture, [consumer.position], maxDocuments), random() * 10);
      else await consume(consumer, maxDocuments);
    }
  };
  const pruning = async () => {
    while (isWriting) {
      await log.prune(positions(consumers), noAbort());
      // Where there is nothing to prune it may not even go to a server, and nobody else would come to their turn.
      await setImmediate();
    }
  };
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer))).finally(() => {
    isWriting = false;
  });
  await Promise.all([writing, ...consumers.map(feed), pruning()]);
  expect(changes.length).toBeGreaterThan(WRITERS * TRANSACTIONS * 0.5);
  for (const consumer of consumers) {
    await consume(consumer, 50);
    for (const change of promises(fixture).exactly ? changes : []) {
      expect(wasGiven(consumer, change), `${JSON.stringify(change)}, seed ${seed}`).toBe(true);
    }
    expect((await readChanges(fixture, [consumer.position])).ids).toEqual([]);
    await expectInStep(fixture, consumer, seed);
  }
  return positions(consumers);
}

/** What is there is indexed as it is; where removals are followed too, nothing else is. */
async function expectInStep(fixture: FollowedFixture, { documents }: Consumer, seed: number): Promise<void> {
  const rows = (await collect(readSource(fixture.source))).flatMap((page) => page.documents);
  expect(rows.length).toBeGreaterThan(0);
  for (const { id, json } of rows) expect(documents.get(id), `${id}, seed ${seed}`).toBe(json);
  if (promises(fixture).removals) expect(documents.size).toBe(rows.length);
}

/** As the feed does with a page of keys. */
async function index(fixture: FollowedFixture, { documents }: Consumer, keys: readonly Key[]): Promise<void> {
  const everywhere = { after: null, upTo: null };
  for (const { key, document } of (await fixture.source.readKeys(keys, everywhere, async () => 1, noAbort())).rows) {
    if (document === null) documents.delete(documentId(key));
    else documents.set(document.id, document.json);
  }
}

async function leave(pass: ChangePass, after: number): Promise<void> {
  let pages = 0;
  for await (const _ of pass.pages) {
    pages += 1;
    if (pages > after) break;
  }
}

interface Consumer {
  position: Position;
  readonly documents: Map<string, string>;
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
