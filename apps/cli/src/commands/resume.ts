import { InputError } from '@reindeer/core';
import { resume, resumeTicks } from '@reindeer/engine';
import { QUEUE_PAUSED, readActiveHolds } from '@reindeer/ledger';
import { actor } from '../setup/actor.ts';
import { noteOf } from '../setup/noteOf.ts';
import { type Deployment, withDeployment } from '../setup/withDeployment.ts';
import { plural } from '../terminal/format.ts';
import type { Verb } from '../verb.ts';
import { holdScope } from './holdScope.ts';

export const resumeVerb: Verb = {
  usage: 'resume [index] [lane]',
  summary: 'release what `pause` holds',
  more: 'Releases the holds of exactly that scope. Work goes on when no other hold is left; those that are, are named.',
  options: [
    ['--ticks', 'the queue that every schedule fires into, when it was paused in Bull Board'],
    ['--run <run>', 'this run alone'],
    ['--all', 'what is on every index, and on no single one; a lane may follow'],
    ['--note <text>', 'why, for the log'],
  ],
  examples: ['reindeer resume cities', 'reindeer resume --run 12', 'reindeer resume --all', 'reindeer resume --ticks'],
  async action(context, args, options) {
    const { terminal } = context;
    const note = noteOf(options);
    await withDeployment(await context.loadConfig(), async (deployment) => {
      const { ledger } = deployment;
      if (options.ticks === true) {
        if (args[0] !== undefined || options.run !== undefined || options.all === true)
          throw new InputError('pause-scope', '--ticks goes alone: every index has its ticks from the one queue.');
        const resumed = await resumeTicks({ ledger, queue: await deployment.queue() }, { actor: actor(), note });
        terminal.data({ ticks: true, released: resumed ? 1 : 0 });
        terminal.line(resumed ? 'Resumed the queue of ticks.' : 'The queue of ticks was not paused.');
        return;
      }
      const { scope, name } = await holdScope(deployment, args, options);
      const released = await resume({ ...deployment, resumeQueues: resumeQueuesOf(deployment) }, scope, {
        actor: actor(),
        note,
      });
      const left = (await readActiveHolds(ledger)).filter(
        (hold) =>
          (hold.index === null || scope.index === null || hold.index === scope.index) &&
          (hold.lane === null || scope.lane === null || hold.lane === scope.lane) &&
          (hold.run === null || scope.run === null || hold.run === scope.run),
      );
      terminal.data({ ...scope, released, left });
      terminal.line(
        released === 0 ? `Nothing held ${name} itself.` : `Released ${plural(released, 'hold')} on ${name}.`,
      );
      for (const hold of left)
        terminal.line(
          terminal.colors.yellow(
            `Still held: ${hold.reason} on ${hold.run !== null ? `run ${hold.run}` : [hold.index ?? 'every index', hold.lane].filter((part) => part !== null).join(' ')} by ${hold.actor}${hold.note === null ? '' : `: ${hold.note}`}`,
          ),
        );
    });
    return undefined;
  },
};

/** The queues of an index that were paused in Bull Board. The queue is asked only where a hold says so. */
function resumeQueuesOf({ ledger, queue }: Deployment): (index: string) => Promise<void> {
  return async (index) => {
    const holds = await readActiveHolds(ledger);
    if (!holds.some((hold) => hold.reason === QUEUE_PAUSED && hold.index === index)) return;
    const opened = await queue();
    for (const paused of await opened.pausedQueues([index])) await opened.resume(index, paused.queue);
  };
}
