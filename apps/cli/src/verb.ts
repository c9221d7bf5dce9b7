import type { LoadedConfig, ResolvedConfig } from '@reindeer/config';
import { type Command, Option } from 'commander';
import type { ExitCode } from './exit/exitCode.ts';
import { notBuilt } from './exit/notBuilt.ts';
import { loadSetup } from './setup/loadSetup.ts';
import { openTerminal, type Terminal } from './terminal/terminal.ts';

/** What every verb is given. */
export interface VerbContext {
  readonly terminal: Terminal;
  /** `--config`, as it was given. */
  readonly configPath: string | undefined;
  readonly loadSetup: () => Promise<LoadedConfig>;
  readonly loadConfig: () => Promise<ResolvedConfig>;
}

export interface Verb {
  /** As in `run <index> [lane]`. */
  readonly usage: string;
  readonly summary: string;
  /** What it does, for `--help`, beyond the summary. */
  readonly more?: string;
  readonly examples: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Options of the interface that this version does not have, with what to do instead. */
  readonly unbuilt?: readonly (readonly [flags: string, instead: string])[];
  /** Resolves to the exit code; nothing is 0. */
  readonly action: (
    context: VerbContext,
    args: readonly string[],
    options: VerbOptions,
  ) => Promise<ExitCode | undefined>;
}

/** By the long name, in camel case: a text, or true for a flag. */
export type VerbOptions = Readonly<Record<string, string | boolean | undefined>>;

/** Adds a verb to the program. `finish` gets its exit code. */
export function addVerb(program: Command, verb: Verb, finish: (exitCode: ExitCode) => void): void {
  const command = program
    .command(verb.usage)
    .summary(verb.summary)
    .description(verb.more === undefined ? verb.summary : `${verb.summary}\n\n${verb.more}`)
    .allowExcessArguments(false);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  const unbuilt = (verb.unbuilt ?? []).map(([flags, instead]) => ({ option: new Option(flags).hideHelp(), instead }));
  for (const { option } of unbuilt) command.addOption(option);
  command
    .option('--config <path>', 'the configuration; default: reindeer.config.* here or above')
    .option('--json', 'machine output on stdout, logs on stderr')
    .addHelpText('after', `\nExample:\n${verb.examples.map((example) => `  $ ${example}`).join('\n')}`)
    .action(async () => {
      const options = command.opts<Record<string, string | boolean | undefined>>();
      for (const { option, instead } of unbuilt)
        if (options[option.attributeName()] !== undefined) throw notBuilt(`\`${option.long}\``, instead);
      const configPath = options.config as string | undefined;
      const load = () => loadSetup(configPath);
      const context: VerbContext = {
        terminal: openTerminal({ json: options.json === true }),
        configPath,
        loadSetup: load,
        loadConfig: async () => (await load()).config,
      };
      finish((await verb.action(context, command.args, options)) ?? 0);
    });
}
