import { InputError } from '@reindeer/core';
import { type HoldScope, readRun } from '@reindeer/ledger';
import { requireLane } from '../exit/notBuilt.ts';
import { runNumber } from '../setup/runNumber.ts';
import type { Deployment } from '../setup/withDeployment.ts';
import type { VerbOptions } from '../verb.ts';

/** What `pause` and `resume` are about: an index, a lane of it, one run, or every index, and a lane of each. */
export async function holdScope(
  deployment: Deployment,
  [index, lane]: readonly string[],
  options: VerbOptions,
): Promise<{ readonly scope: HoldScope; readonly name: string }> {
  if (options.all === true) {
    if (options.run !== undefined || lane !== undefined)
      throw new InputError(
        'pause-scope',
        '--all is every index: with it goes a lane at most, as in `--all refresh`, and no run.',
      );
    const every = index === undefined ? null : requireLane(index);
    const name = every === null ? 'every index' : `${every} of every index`;
    return { scope: { index: null, lane: every, run: null }, name };
  }
  if (options.run !== undefined) {
    if (index !== undefined)
      throw new InputError('pause-scope', 'Give an index, or a run with --run, not both: a run belongs to one index.');
    const run = runNumber(String(options.run));
    const view = await readRun(deployment.ledger, run);
    if (view === null) throw new InputError('no-such-run', `There is no run ${run}. \`reindeer runs\` lists them.`);
    return { scope: { index: view.index, lane: view.lane, run }, name: `run ${run} of ${view.index}` };
  }
  if (index === undefined)
    throw new InputError('pause-scope', 'Give an index, a run with --run RUN, or --all for every index.');
  await deployment.definition(index);
  const one = lane === undefined ? null : requireLane(lane);
  return { scope: { index, lane: one, run: null }, name: one === null ? index : `${index} ${one}` };
}
