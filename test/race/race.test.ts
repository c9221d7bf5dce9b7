import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SINKS, searchUrl } from '../integration/inPlace/fixture.ts';
import { type FreshDatabase, freshDatabase } from '../support/servers.ts';
import { Deployment } from './Deployment.ts';
import { type RoundReport, runRound } from './Round.ts';
import { FIRST_ROUND } from './shape.ts';

/** Without a number of rounds they begin for this long, into each sink, and at least one does, however slow the machine. */
const BOUNDED_MS = 30_000;
const ROUND_MS = 900_000;
const asked = process.env.RACE_ROUNDS === undefined ? null : Number(process.env.RACE_ROUNDS);
const seed = Number(process.env.RACE_SEED ?? Math.floor(Math.random() * 1e9));
const only = process.env.RACE_SINK;
/** Deployments on which rounds run side by side. */
const lanes = Number(process.env.RACE_LANES ?? 3);

describe.each(SINKS)('writers, feed, refreshes, rebuilds and promotions at once, into %s', (sink) => {
  const left = (only !== undefined && only !== sink) || (sink === 'opensearch' && searchUrl === null);

  describe.skipIf(left)(`from seed ${seed} on`, () => {
    let database: FreshDatabase;
    beforeAll(async () => {
      database = await freshDatabase('race');
    });
    afterAll(() => database.drop());

    it(
      'no document is wrong at a promotion, or when the feed has drained',
      async () => {
        const progress = new Progress(sink);
        const until = performance.now() + BOUNDED_MS;
        const goesOn = () => (asked === null ? next === 0 || performance.now() < until : next < asked);
        let next = 0;
        let failed: RoundReport | null = null;
        const lane = async () => {
          // Of rows alone, and of two tables.
          const [plain, joined] = [
            await Deployment.open(database, sink, searchUrl, false),
            await Deployment.open(database, sink, searchUrl, true),
          ];
          try {
            for (const deployment of [plain, joined]) {
              const first = await runRound(() => deployment, seed, FIRST_ROUND);
              if (first.wrong.length > 0) failed ??= first;
            }
            while (goesOn() && failed === null) {
              next += 1;
              const report = await runRound(({ labels }) => (labels === null ? plain : joined), seed + next - 1);
              progress.add(report);
              if (process.env.RACE_TRACE === 'true') print(report);
              if (report.wrong.length > 0) failed ??= report;
            }
          } finally {
            await Promise.all([plain.close(), joined.close()]);
          }
        };
        await Promise.all(Array.from({ length: Math.min(lanes, asked ?? lanes) }, lane));
        progress.print();
        const wrong = failed as RoundReport | null;
        expect(wrong === null ? [] : told(wrong)).toEqual([]);
        expect(progress.rounds).toBeGreaterThan(0);
      },
      (asked ?? 3) * ROUND_MS + BOUNDED_MS,
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
  rounds = 0;
  #promotions = 0;
  #takeOvers = 0;
  #printedAt = performance.now();
  readonly #began = performance.now();
  readonly #ended = new Map<string, number>();
  readonly #sink: string;

  constructor(sink: string) {
    this.#sink = sink;
  }

  add({ seed: own, shape, promotions, takeOvers, ended, wrong }: RoundReport): void {
    if (asked !== null)
      console.log(
        `seed ${own} ${shape.name}: ${wrong.length} documents wrong, ${promotions} promotions, ${takeOvers} claims lost`,
      );
    this.rounds += 1;
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
      `race into ${this.#sink}: ${this.rounds}${asked === null ? '' : ` of ${asked}`} rounds from seed ${seed} in ${seconds.toFixed(0)} s, ${this.#promotions} promotions, ${this.#takeOvers} claims lost; ended: ${ended || 'none'}`,
    );
  }
}
