import { loadConfig } from '@reindeer/config';
import { createLogger, runApp } from '@reindeer/runtime';
import { startDashboard } from './startDashboard.ts';

const logger = createLogger({ app: 'dashboard', destination: 1 });
process.exit(
  await runApp({
    name: 'dashboard',
    logger,
    drainTimeoutMs: 10_000,
    async start() {
      const { config } = await loadConfig();
      const dashboard = await startDashboard({ config, logger });
      if (config.dashboard.users.length === 0) {
        // Past the logger, which would hide the token.
        process.stderr.write(
          `\nNo user is configured. Sign in once, within 15 minutes:\n${await dashboard.signInLink()}\n\n`,
        );
      }
      return dashboard;
    },
  }),
);
