import type { Verb } from '../verb.ts';
import { runAppVerb } from './runAppVerb.ts';

export const schedulerVerb: Verb = {
  usage: 'scheduler',
  summary: 'schedules, planning, reconciling; several may run, one leads',
  more: 'Applies its configuration, unless the ledger has seen a newer one since.',
  options: [['--apply-config', 'apply this configuration even if the ledger has seen a newer one: for going back']],
  examples: ['reindeer scheduler --config /etc/reindeer/reindeer.config.yaml'],
  action: (context, _args, options) =>
    runAppVerb(context, {
      name: 'scheduler',
      drainTimeoutMs: () => 15_000,
      async start(parts) {
        const { startScheduler } = await import('@reindeer/app-scheduler');
        return { app: await startScheduler({ ...parts, forceConfiguration: options.applyConfig === true }) };
      },
    }),
};
