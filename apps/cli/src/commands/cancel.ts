import { RefusedError } from '@reindeer/core';
import { cancelRun } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { actor } from '../setup/actor.ts';
import { existingRun } from '../setup/existingRun.ts';
import { noteOf } from '../setup/noteOf.ts';
import { runNumber } from '../setup/runNumber.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';

export const cancelVerb: Verb = {
  usage: 'cancel <run>',
  summary: 'stop a run; what is live stays live',
  options: [
    ['--force', 'do not wait for its workers: their claims are void at once'],
    ['--note <text>', 'why, for the audit'],
  ],
  examples: ['reindeer cancel 12', 'reindeer cancel 12 --force'],
  async action(context, [text = ''], options) {
    const { terminal } = context;
    const run = runNumber(text);
    await withDeployment(await context.loadConfig(), async ({ ledger }) => {
      const by = { actor: actor(), note: noteOf(options), force: options.force === true };
      const { index, lane } = await existingRun(ledger, run);
      const answer = await cancelRun({ ledger }, run, by);
      if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
      terminal.data(await readRun(ledger, run));
      terminal.line(
        answer.status === 'cancelled'
          ? `Run ${run} is cancelled.`
          : `Run ${run} ends at its next checkpoints; --force does not wait for them.`,
      );
      if (lane === 'incremental')
        terminal.line(
          `A scheduler starts the next feed of ${index} at its next sweep. To keep it stopped: reindeer pause ${index} incremental`,
        );
    });
    return undefined;
  },
};
