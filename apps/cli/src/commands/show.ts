import { groupFailures, listDifferences, listSlices, readTroubles } from '@reindeer/ledger';
import { existingRun } from '../setup/existingRun.ts';
import { runNumber } from '../setup/runNumber.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';
import { differenceLines } from '../views/differenceLines.ts';
import { runDetails } from '../views/runDetails.ts';

const SHOWN_SLICES = 60;
const JSON_SLICES = 10_000;

export const showVerb: Verb = {
  usage: 'show <run>',
  summary: 'one run with its slices and the documents that were refused',
  more: 'With --json the run, and beside it `sliceList`, `failureGroups` and `differenceExamples`.',
  examples: ['reindeer show 12', 'reindeer show 12 --json'],
  async action(context, [text = '']) {
    const { terminal } = context;
    const run = runNumber(text);
    await withDeployment(await context.loadConfig(), async ({ ledger }) => {
      const view = await existingRun(ledger, run);
      const slices = await listSlices(ledger, run, { limit: terminal.json ? JSON_SLICES : SHOWN_SLICES });
      const troubles = (await readTroubles(ledger)).filter((one) => one.run === run);
      const failures = await groupFailures(ledger, { run, limit: 20 });
      const examples = await listDifferences(ledger, [run], 20);
      terminal.data({ ...view, troubles, sliceList: slices, failureGroups: failures, differenceExamples: examples });
      for (const line of runDetails(view, slices, failures, troubles, Date.now(), terminal.colors, terminal.width()))
        terminal.line(line);
      for (const line of differenceLines(examples, 20, terminal.colors)) terminal.line(line);
    });
    return undefined;
  },
};
