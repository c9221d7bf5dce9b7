import { Command, CommanderError } from 'commander';
import { cancelVerb } from './commands/cancel.ts';
import { checkVerb } from './commands/check.ts';
import { dashboardVerb } from './commands/dashboard.ts';
import { demoVerb } from './commands/demo.ts';
import { devVerb } from './commands/dev.ts';
import { doctorVerb } from './commands/doctor.ts';
import { healthVerb } from './commands/health.ts';
import { initVerb } from './commands/init.ts';
import { migrateVerb } from './commands/migrate.ts';
import { pauseVerb } from './commands/pause.ts';
import { planVerb } from './commands/plan.ts';
import { promoteVerb } from './commands/promote.ts';
import { resumeVerb } from './commands/resume.ts';
import { retryVerb } from './commands/retry.ts';
import { rollbackVerb } from './commands/rollback.ts';
import { runVerb } from './commands/run.ts';
import { runsVerb } from './commands/runs.ts';
import { schedulerVerb } from './commands/scheduler.ts';
import { seedVerb } from './commands/seed.ts';
import { showVerb } from './commands/show.ts';
import { statusVerb } from './commands/status.ts';
import { addUnbuiltVerbs } from './commands/unbuilt.ts';
import { verifyVerb } from './commands/verify.ts';
import { workerVerb } from './commands/worker.ts';
import { EXIT, type ExitCode } from './exit/exitCode.ts';
import { explainError } from './exit/explainError.ts';
import { openTerminal } from './terminal/terminal.ts';
import { addVerb, type Verb } from './verb.ts';

const GROUPS: readonly (readonly [title: string, verbs: readonly Verb[]])[] = [
  ['Begin', [demoVerb, initVerb, checkVerb, migrateVerb, devVerb, seedVerb]],
  ['Look', [statusVerb, doctorVerb, runsVerb, showVerb, planVerb]],
  ['Act', [runVerb, verifyVerb, pauseVerb, resumeVerb, cancelVerb, retryVerb, promoteVerb, rollbackVerb]],
  ['Apps, as containers run them', [schedulerVerb, workerVerb, dashboardVerb, healthVerb]],
];

export const VERBS: readonly Verb[] = GROUPS.flatMap(([, verbs]) => verbs);

/** Runs one command line, without the program's own name, to its exit code. Never throws. */
export async function runProgram(args: readonly string[], version: string): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command('reindeer')
    .description('Keeps search indexes in step with the database they are derived from.')
    .version(version)
    .helpCommand(false)
    .configureHelp({
      // Every verb has options: to say so in each line would only hide the arguments.
      subcommandTerm: (command) => [command.name(), command.usage().replace('[options]', '').trim()].join(' ').trim(),
    })
    .showSuggestionAfterError(true)
    .exitOverride();
  for (const [title, verbs] of GROUPS) {
    program.commandsGroup(`${title}:`);
    for (const verb of verbs) addVerb(program, verb, (code) => (exitCode = code));
  }
  addUnbuiltVerbs(program);
  program.addHelpText(
    'after',
    '\nExample:\n  $ reindeer demo\n\nEach command has more under `reindeer COMMAND --help`.',
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has written its message, and to stderr where it is one about wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return report(error, args.includes('--json'));
  }
}

function report(error: unknown, json: boolean): ExitCode {
  const terminal = openTerminal({ json });
  const { exitCode, code, message, unexpected } = explainError(error);
  terminal.data({ error: { code, message } });
  const { red, yellow, dim } = terminal.colors;
  const interrupted = exitCode === EXIT.interrupted;
  terminal.error(
    interrupted
      ? message
      : `${exitCode === EXIT.refused ? yellow('refused') : red('error')} ${dim(`(${code})`)} ${message}`,
  );
  if (unexpected && process.env.LOG_LEVEL === 'debug' && error instanceof Error) terminal.error(String(error.stack));
  else if (unexpected) terminal.error(dim('LOG_LEVEL=debug shows where it came from.'));
  return exitCode;
}
