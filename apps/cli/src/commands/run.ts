import { RefusedError, type RunView } from '@reindeer/core';
import { requestRun } from '@reindeer/engine';
import { readRun } from '@reindeer/ledger';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { requireLane } from '../exit/notBuilt.ts';
import { followRun } from '../follow/followRun.ts';
import { actor } from '../setup/actor.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Verb } from '../verb.ts';
import { runOutcome } from '../views/runOutcome.ts';

const WHOLE = 'A rebuild is always of the whole index.';

export const runVerb: Verb = {
  usage: 'run <index> [lane]',
  summary: 'start a run now (lane: rebuild)',
  more: 'Asked for by hand it is never refused as fresh. Refused: exit code 3, with the reason.',
  options: [['--wait', 'show its progress and exit by its outcome; Ctrl-C leaves the run going']],
  unbuilt: [
    ['--shard <n>', WHOLE],
    ['--after <key>', WHOLE],
    ['--up-to <key>', WHOLE],
    ['--force', 'It belongs to refreshes; a rebuild writes every document anyway.'],
    ['--adopt', "Rename or drop what has the index's name, then run again."],
  ],
  examples: ['reindeer run cities --wait', 'reindeer run cities rebuild --wait --json | tail -1'],
  async action(context, [index = '', laneName = 'rebuild'], options) {
    const { terminal } = context;
    const lane = requireLane(laneName);
    const config = await context.loadConfig();
    return withDeployment(config, async ({ ledger, deliver, definition }): Promise<ExitCode> => {
      using interrupts = new Interrupts();
      const asked = { index: await definition(index), lane, trigger: 'manual' as const, actor: actor(), slot: null };
      const answer = await requestRun({ ledger, deliver }, asked);
      if (answer.kind === 'refused') throw new RefusedError(answer.reason, answer.detail);
      if (options.wait !== true) {
        terminal.data(await readRun(ledger, answer.run));
        terminal.line(`Run ${answer.run} of ${index} is accepted. Watch it: reindeer show ${answer.run}`);
        return EXIT.done;
      }
      const ended = await followRun(ledger, answer.run, terminal, interrupts.signal);
      for (const line of runOutcome(ended, terminal.colors)) terminal.note(line);
      terminal.data(ended);
      return exitCodeOf(ended);
    });
  },
};

export function exitCodeOf(ended: RunView): ExitCode {
  return ended.state === 'completed' ? EXIT.done : EXIT.failed;
}
