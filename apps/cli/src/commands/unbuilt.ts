import type { Command } from 'commander';
import { notBuilt } from '../exit/notBuilt.ts';

/** Verbs of the interface that this version does not have, and what to do instead. */
const UNBUILT: readonly (readonly [verb: string, instead: string])[] = [
  ['failures', '`reindeer show RUN` lists the documents that were refused, grouped by cause.'],
  ['replay', 'Mend the documents, then `reindeer run INDEX` reads all of them again.'],
];

/** They answer whatever follows them, `--help` too, with the same sentence. */
export function addUnbuiltVerbs(program: Command): void {
  for (const [verb, instead] of UNBUILT) {
    program
      .command(verb, { hidden: true })
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw notBuilt(`\`reindeer ${verb}\``, instead);
      });
  }
}
