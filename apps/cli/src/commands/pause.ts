import { RefusedError, resumeCommand } from '@reindeer/core';
import { pause } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { actor } from '../setup/actor.ts';
import { noteOf } from '../setup/noteOf.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';
import { holdScope } from './holdScope.ts';

export const pauseVerb: Verb = {
  usage: 'pause [index] [lane]',
  summary: 'hold an index, a lane of it, one run, or everything',
  more: 'Open runs stop at their next checkpoint and keep what they have done; ticks are skipped until `resume`.',
  options: [
    ['--run <run>', 'this run alone'],
    ['--all', 'every index, also those to come; a lane may follow, as in `--all refresh`'],
    ['--note <text>', 'why, for those who find it paused'],
  ],
  examples: [
    'reindeer pause cities --note "source is being migrated"',
    'reindeer pause --run 12',
    'reindeer pause --all',
  ],
  async action(context, args, options) {
    const { terminal } = context;
    await withDeployment(await context.loadConfig(), async (deployment) => {
      const { scope, name } = await holdScope(deployment, args, options);
      if (scope.run !== null) {
        const view = await readRun(deployment.ledger, scope.run);
        if (view !== null && view.finishedAt !== null)
          throw new RefusedError(
            'no-changes',
            `Run ${scope.run} has ended (${view.state}): there is nothing to pause.`,
          );
      }
      const note = noteOf(options);
      const set = await pause(deployment, scope, { actor: actor(), note });
      terminal.data({ ...scope, reason: 'paused', set });
      terminal.line(set ? `Paused ${name}. Go on: ${resumeCommand(scope)}` : `${name} was paused already.`);
    });
    return undefined;
  },
};
