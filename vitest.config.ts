import { defineConfig } from 'vitest/config';

/**
 * A bound of a test is there to end what hangs, and says nothing of how fast a machine must be: a slow one with other work
 * to do takes many times longer than a good one. `until` gives up before it, since it can say what was waited for.
 */
const HANGS_MS = 300_000;

export default defineConfig({
  test: {
    // The servers of the run are ended then.
    teardownTimeout: HANGS_MS,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.mjs'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/chaos/**/*.test.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          testTimeout: HANGS_MS,
          hookTimeout: HANGS_MS,
          expect: { poll: { timeout: 120_000, interval: 20 } },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'race',
          include: ['test/race/**/*.test.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          hookTimeout: HANGS_MS,
          maxWorkers: 1,
        },
      },
      {
        // Measures; `npm test` leaves it out, because what it finds depends on what else the machine does.
        test: {
          name: 'bench',
          include: ['test/bench/**/*.bench.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          maxWorkers: 1,
        },
      },
    ],
  },
});
