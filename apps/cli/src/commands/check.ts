import { printConfig } from '@reindeer/config';
import { checkConnections } from '../check/checkConnections.ts';
import type { Finding } from '../check/finding.ts';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { plural } from '../terminal/format.ts';
import type { Colors } from '../terminal/terminal.ts';
import type { Verb } from '../verb.ts';

export const checkVerb: Verb = {
  usage: 'check',
  summary: 'validate the configuration and, with --connect, everything it names',
  more: 'With --connect also every connection, key, column, grant and change log: what works, what is lost, and what to grant.',
  options: [
    ['--connect', 'ask the servers too'],
    ['--print', 'show the resolved configuration, secrets masked'],
  ],
  examples: ['reindeer check', 'reindeer check --connect'],
  async action(context, _args, options): Promise<ExitCode> {
    const { terminal } = context;
    const { colors } = terminal;
    const { config, warnings } = await context.loadSetup();
    if (options.print === true) terminal.line(printConfig(config));
    const indexes = Object.keys(config.indexes).length;
    const connections = Object.keys(config.connections).length;
    terminal.line(
      `${colors.green('✔')} ${config.path}: ${plural(indexes, 'index', 'indexes')}, ${plural(connections, 'connection')}`,
    );
    for (const warning of warnings) terminal.line(`${colors.yellow('!')} ${warning}`);
    let findings: readonly Finding[] = [];
    if (options.connect === true) {
      using interrupts = new Interrupts();
      findings = await checkConnections(config, interrupts.signal);
      for (const finding of findings) terminal.line(findingLine(finding, colors));
    }
    const wrong = findings.filter((finding) => finding.kind === 'wrong').length;
    const away = findings.filter((finding) => finding.kind === 'unavailable').length;
    terminal.data({
      path: config.path,
      warnings,
      findings,
      ok: wrong + away === 0,
      ...(options.print === true ? { config: JSON.parse(printConfig(config)) as unknown } : {}),
    });
    if (wrong > 0) return EXIT.usage;
    return away > 0 ? EXIT.failed : EXIT.done;
  },
};

const MARKS = { works: '✔', warning: '!', wrong: '✖', unavailable: '✖' } as const;

function findingLine({ kind, place, text, code }: Finding, colors: Colors): string {
  const paint = kind === 'works' ? colors.green : kind === 'warning' ? colors.yellow : colors.red;
  // Most messages name their place themselves.
  const where = text.includes(place) ? '' : `${place}: `;
  return `${paint(MARKS[kind])} ${where}${text}${code === null ? '' : colors.dim(` (${code})`)}`;
}
