import { loadConfig } from '@reindeer/config';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { prefixLines } from '../fleet/prefixLines.ts';
import { withFleet } from '../fleet/withFleet.ts';
import { wholeNumber } from '../setup/runNumber.ts';
import { plural } from '../terminal/format.ts';
import { renderFields } from '../terminal/table.ts';
import type { Verb } from '../verb.ts';

const DEFAULT_WORKERS = '2';

export const devVerb: Verb = {
  usage: 'dev',
  summary: 'scheduler, workers and dashboard under one command; what has no url is embedded',
  more: 'Embedded data is kept in .reindeer beside the configuration. Ctrl-C drains everything; a second one ends at once.',
  options: [['--workers <n>', `worker processes; default ${DEFAULT_WORKERS}`]],
  examples: ['reindeer dev', 'reindeer dev --workers 4'],
  async action(context, _args, options): Promise<ExitCode> {
    const { terminal } = context;
    const { colors } = terminal;
    const workers = wholeNumber('--workers', String(options.workers ?? DEFAULT_WORKERS), 1, 64);
    const { config, warnings } = await loadConfig(context.configPath === undefined ? {} : { path: context.configPath });
    for (const warning of warnings) terminal.note(`${colors.yellow('!')} ${warning}`);
    let prefix: ((member: string, line: string) => string) | null = null;
    return withFleet(
      {
        config,
        workers,
        json: terminal.json,
        note: (text) => terminal.note(text),
        onLine: (members, member, line) => {
          // A member's JSON is for a machine: it passes as it is.
          prefix ??= prefixLines(members, colors);
          terminal.error(terminal.json ? line : prefix(member, line));
        },
      },
      async ({ ready, interrupted }) => {
        const told = await ready;
        const dashboard = told.get('dashboard');
        terminal.data({ ready: true, dashboard: dashboard?.url ?? null, workers });
        const link = dashboard?.signInLink;
        const fields: [string, string][] = [
          [
            'running',
            `scheduler, ${plural(workers, 'worker')}, dashboard for ${Object.keys(config.indexes).join(', ')}`,
          ],
          [
            'dashboard',
            colors.bold(link ?? dashboard?.url ?? '?') + (link === undefined ? '' : colors.dim('  (signs in once)')),
          ],
          ['stop', 'Ctrl-C'],
        ];
        terminal.note('');
        for (const line of renderFields(fields, colors.dim)) terminal.note(`  ${line}`);
        terminal.note('');
        await interrupted;
        return EXIT.done;
      },
    );
  },
};
