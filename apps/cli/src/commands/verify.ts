import { laneOptions } from '../lane/laneOptions.ts';
import { runLane } from '../lane/runLane.ts';
import type { Verb } from '../verb.ts';

export const verifyVerb: Verb = {
  usage: 'verify <index>',
  summary: 'compare the live index with its source, and say what differs',
  more: `Waits for it. Exit code 0: they are the same; 4: there are differences. With --repair they are mended, as by
\`run INDEX refresh --wait\`: 0 means that this was done, 4 that documents were refused.`,
  options: [
    ['--repair', 'mend what differs: a refresh; what --deep found takes both'],
    ['--deep', 'transform every row again, and compare the bodies too: as dear as a rebuild, or more'],
    ['--shard <n>', 'only this shard'],
    ['--after <key>', 'only keys after this one'],
    ['--up-to <key>', 'only keys up to this one, itself included'],
  ],
  examples: [
    'reindeer verify cities',
    'reindeer verify cities --json | tail -1',
    'reindeer verify cities --repair',
    'reindeer verify cities --deep',
  ],
  action: (context, [index = ''], options) => {
    const lane = options.repair === true ? ('refresh' as const) : ('verify' as const);
    return runLane(context, index, { lane, ...laneOptions(options) }, true);
  },
};
