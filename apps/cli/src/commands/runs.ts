import { listRuns } from '@reindeer/ledger';
import { wholeNumber } from '../setup/runNumber.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';
import { runTable } from '../views/runTable.ts';

const DEFAULT_LIMIT = '20';

export const runsVerb: Verb = {
  usage: 'runs [index]',
  summary: 'history of runs, newest first',
  options: [['--limit <n>', `runs at most; default ${DEFAULT_LIMIT}`]],
  examples: ['reindeer runs cities', "reindeer runs --limit 100 --json | jq '.[].state'"],
  async action(context, [index], options) {
    const { terminal } = context;
    const limit = wholeNumber('--limit', String(options.limit ?? DEFAULT_LIMIT), 1, 10_000);
    await withDeployment(await context.loadConfig(), async ({ ledger }) => {
      const runs = await listRuns(ledger, { index, limit });
      terminal.data(runs);
      if (runs.length === 0) {
        const of = index === undefined ? '' : ` of ${index}`;
        terminal.line(`There is no run${of} yet. Start one: reindeer run ${index ?? 'INDEX'}`);
      } else for (const line of runTable(runs, Date.now(), terminal.colors, terminal.width())) terminal.line(line);
    });
    return undefined;
  },
};
