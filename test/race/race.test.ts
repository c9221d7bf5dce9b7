import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SINKS, type SinkKind, searchUrl } from '../integration/inPlace/fixture.ts';
import { type FreshDatabase, freshDatabase } from '../support/servers.ts';
import { Deployment } from './Deployment.ts';
import { type RoundReport, runRound } from './Round.ts';
import { FIRST_ROUND } from './shape.ts';

const BOUNDED: Readonly<Record<SinkKind, number>> = { postgres: 120, opensearch: 30 };
const seed = Number(process.env.RACE_SEED ?? Math.floor(Math.random() * 1e9));
const only = process.env.RACE_SINK;
/** Deployments on which rounds run side by side. */
const lanes = Number(process.env.RACE_LANES ?? 3);

describe.each(SINKS)('writers, feed, refreshes, rebuilds and promotions at once, into %s', (sink) => {
  const rounds = Number(process.env.RACE_ROUNDS ?? BOUNDED[sink]);
  const left = (only !== undefined && only !== sink) || (sink === 'opensearch' && searchUrl === null);

  describe.skipIf(left)(`seeds ${seed} to ${seed + rounds - 1}`, () => {
    let database: FreshDatabase;
    beforeAll(async () => {
      database = await freshDatabase('race');
    });
    afterAll(() => database.drop());

    it(
      'no document is wrong at a promotion, or when the feed has drained',
      async () => {
        const progress = new Progress(sink, rounds);
        let next = 0;
        let failed: RoundReport | null = null;
        const lane = async () => {
          const deployment = await Deployment.open(database, sink, searchUrl);
          try {
            const first = await runRound(deployment, seed, FIRST_ROUND);
            if (first.wrong.length > 0) failed ??= first;
            while (next < rounds && failed === null) {
              next += 1;
              const report = await runRound(deployment, seed + next - 1);
              progress.add(report);
              if (process.env.RACE_TRACE === 'true') print(report);
              if (report.wrong.length > 0) failed ??= report;
            }
          } finally {
            await deployment.close();
          }
        };
        await Promise.all(Array.from({ length: Math.min(lanes, rounds) }, lane));
        progress.print();
        const wrong = failed as RoundReport | null;
        expect(wrong === null ? [] : told(wrong)).toEqual([]);
      },
      rounds * 60_000 + 120_000,
    );
  });
});

function told(report: RoundReport): string[] {
  print(report);
  const { seed, shape, wrong } = report;
  return wrong.map((what) => `seed ${seed} (${shape.name}): ${what}`);
}

function print({ seed, shape, trace }: RoundReport): void {
  console.log(`Round of seed ${seed} (${shape.name}):\n${trace.join('\n')}`);
}

/** Prints how far it is, every few seconds. */
class Progress {
  #rounds = 0;
  #promotions = 0;
  #takeOvers = 0;
  #printedAt = performance.now();
  readonly #began = performance.now();
  readonly #ended = new Map<string, number>();
  readonly #sink: string;
  readonly #of: number;

  constructor(sink: string, of: number) {
    this.#sink = sink;
    this.#of = of;
  }

  add({ promotions, takeOvers, ended }: RoundReport): void {
    this.#rounds += 1;
    this.#promotions += promotions;
    this.#takeOvers += takeOvers;
    for (const reason of ended) this.#ended.set(reason, (this.#ended.get(reason) ?? 0) + 1);
    if (performance.now() - this.#printedAt > 10_000) this.print();
  }

  print(): void {
    this.#printedAt = performance.now();
    const seconds = (performance.now() - this.#began) / 1_000;
    const ended = [...this.#ended].map(([reason, count]) => `${count} ${reason}`).join(', ');
    console.log(
      `race into ${this.#sink}: ${this.#rounds} of ${this.#of} rounds from seed ${seed} in ${seconds.toFixed(0)} s, ${this.#promotions} promotions, ${this.#takeOvers} claims lost; ended: ${ended || 'none'}`,
    );
  }
}
