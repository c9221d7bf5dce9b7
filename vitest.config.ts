import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.mjs'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/chaos/**/*.test.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'race',
          include: ['test/race/**/*.test.ts'],
          globalSetup: ['test/support/globalSetup.ts'],
          hookTimeout: 60_000,
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
