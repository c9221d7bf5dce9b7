import { RefusedError } from '@reindeer/core';
import { retryRun } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { actor } from '../setup/actor.ts';
import { runNumber } from '../setup/runNumber.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';

export const retryVerb: Verb = {
  usage: 'retry <run>',
  summary: 'run again only what failed of a run',
  more: 'Slices that were completed are not repeated. Refused where that is no longer right: exit code 3, with the reason.',
  examples: ['reindeer retry 12'],
  async action(context, [text = '']) {
    const { terminal } = context;
    const run = runNumber(text);
    await withDeployment(await context.loadConfig(), async ({ ledger, deliver }) => {
      const answer = await retryRun({ ledger, deliver }, run, { actor: actor() });
      if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
      terminal.data(await readRun(ledger, run));
      terminal.line(`Run ${run} goes on with what failed. Watch it: reindeer show ${run}`);
    });
    return undefined;
  },
};
