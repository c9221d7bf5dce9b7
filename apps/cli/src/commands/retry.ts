import { RefusedError } from '@reindeer/core';
import { retryRun } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { actor } from '../setup/actor.ts';
import { existingRun } from '../setup/existingRun.ts';
import { noteOf } from '../setup/noteOf.ts';
import { runNumber } from '../setup/runNumber.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';

export const retryVerb: Verb = {
  usage: 'retry <run>',
  summary: 'run again only what failed of a run',
  more: 'Slices that were completed are not repeated. Refused where that is no longer right: exit code 3, with the reason.',
  options: [['--note <text>', 'why, for the audit']],
  examples: ['reindeer retry 12', 'reindeer retry 12 --note "the mapping is mended"'],
  async action(context, [text = ''], options) {
    const { terminal } = context;
    const run = runNumber(text);
    await withDeployment(await context.loadConfig(), async ({ ledger, deliver }) => {
      await existingRun(ledger, run);
      const answer = await retryRun({ ledger, deliver }, run, { actor: actor(), note: noteOf(options) });
      if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
      terminal.data(await readRun(ledger, run));
      terminal.line(`Run ${run} goes on with what failed. Watch it: reindeer show ${run}`);
    });
    return undefined;
  },
};
