import { startedByFleet } from '../fleet/starter.ts';
import type { Verb } from '../verb.ts';
import { runAppVerb } from './runAppVerb.ts';

export const dashboardVerb: Verb = {
  usage: 'dashboard',
  summary: 'run console, Bull Board, HTTP API and metrics',
  more: 'Where no user is configured it prints a link that signs in once.',
  examples: ['reindeer dashboard'],
  action: (context) =>
    runAppVerb(context, {
      name: 'dashboard',
      drainTimeoutMs: () => 10_000,
      async start({ config, logger, metrics }) {
        const { startDashboard } = await import('@reindeer/app-dashboard');
        const app = await startDashboard({ config, logger, metrics });
        if (config.dashboard.users.length > 0) return { app, ready: { url: app.url } };
        const signInLink = await app.signInLink();
        // Past the logger, which would hide the token; a fleet shows it itself.
        if (!startedByFleet())
          context.terminal.error(`\nNo user is configured. Sign in once, within 15 minutes:\n${signInLink}\n`);
        return { app, ready: { url: app.url, signInLink } };
      },
    }),
};
