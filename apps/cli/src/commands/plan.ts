import { formatCount, formatDuration, pendingChangeText } from '@reindeer/core';
import { type PlanPreview, previewPlan } from '@reindeer/engine';
import { listRuns } from '@reindeer/ledger';
import { Interrupts } from '../exit/Interrupts.ts';
import { requireLane } from '../exit/notBuilt.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import { plural } from '../terminal/format.ts';
import { renderFields } from '../terminal/table.ts';
import type { Verb } from '../verb.ts';
import { reasonText } from '../views/runDetails.ts';

export const planVerb: Verb = {
  usage: 'plan <index> [lane]',
  summary: 'dry run: would it start now, why, and how long would it take',
  examples: ['reindeer plan cities', 'reindeer plan cities --json'],
  async action(context, [index = '', laneName = 'rebuild']) {
    const { terminal } = context;
    const lane = requireLane(laneName);
    const config = await context.loadConfig();
    using interrupts = new Interrupts();
    await withDeployment(config, async ({ ledger, indexes }) => {
      const open = await indexes.open(index);
      const [last] = await listRuns(ledger, { index, lane, state: 'completed', limit: 1 });
      const preview = await previewPlan(ledger, open, lane, last?.documentsPerSecond ?? null, interrupts.signal);
      const { green, yellow, dim } = terminal.colors;
      const rows: [string, string][] = [
        [
          'would start',
          preview.wouldStart ? green('yes') : `${yellow('no')}, ${reasonText(preview.reason ?? 'error')}`,
        ],
        ...(preview.wouldStart ? [] : ([['because', preview.detail]] as [string, string][])),
        ...(preview.definition === null
          ? []
          : ([['definition', yellow(pendingChangeText(index, preview.definition))]] as [string, string][])),
        ...(lane === 'incremental' || lane === 'promote' ? [] : work(preview)),
      ];
      for (const line of renderFields(rows, dim)) terminal.line(line);
      for (const warning of preview.warnings) terminal.line(yellow(`warning  ${warning}`));
      terminal.data(preview);
    });
    return undefined;
  },
};

/** What a run reads; a feed never ends, and a promotion reads nothing. */
function work(preview: PlanPreview): [string, string][] {
  return [
    ['documents', `${preview.rowsExact ? '' : 'about '}${formatCount(preview.rows)}`],
    ['slices', `${formatCount(preview.slices)} in ${plural(preview.shards, 'shard')}`],
    [
      'time',
      preview.estimatedMs === null
        ? 'not known before the first run'
        : `about ${formatDuration(preview.estimatedMs)}, as fast as the last run`,
    ],
  ];
}
