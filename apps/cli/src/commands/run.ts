import { InputError } from '@reindeer/core';
import { EXIT } from '../exit/exitCode.ts';
import { requireLane } from '../exit/notBuilt.ts';
import { laneOptions } from '../lane/laneOptions.ts';
import { runLane } from '../lane/runLane.ts';
import type { Verb } from '../verb.ts';

export const runVerb: Verb = {
  usage: 'run <index> [lane]',
  summary: 'start a run now (lane: rebuild)',
  more: `Asked for by hand it is never refused as fresh. Refused: exit code 3, with the reason.
A refresh or verify is one run for each shard; a range of keys is one run. KEY is JSON: '"abc"', '["t1","42"]'.
The lane incremental is the feed, which never ends; a scheduler starts it by itself.`,
  options: [
    ['--wait', 'show its progress and exit by its outcome; Ctrl-C leaves the run going'],
    ['--shard <n>', 'only this shard: of a refresh or verify'],
    ['--after <key>', 'only keys after this one: of a refresh or verify'],
    ['--up-to <key>', 'only keys up to this one, itself included: of a refresh or verify'],
    ['--force', 'a refresh writes every row again, whatever the sink holds'],
    ['--deep', 'a refresh or verify transforms every row again, and compares the bodies too'],
    ['--adopt', "the swap removes an ordinary index that has the index's name, where the sink can"],
  ],
  examples: [
    'reindeer run cities --wait',
    'reindeer run cities refresh --shard 3 --wait',
    'reindeer run cities refresh --after 100 --up-to 200',
    'reindeer run cities rebuild --wait --json | tail -1',
  ],
  async action(context, [index = '', laneName = 'rebuild'], options) {
    const lane = requireLane(laneName);
    if (lane === 'incremental' && options.wait === true)
      throw new InputError(
        'bad-options',
        'The feed never ends, so that nobody can wait for it: leave --wait out, and watch `reindeer status INDEX`.',
      );
    const asked = { lane, ...laneOptions(options) };
    return (await runLane(context, index, asked, options.wait === true)) ?? EXIT.done;
  },
};
