import { needsSomebody, worstFirst } from '../doctor/diagnosis.ts';
import { examine } from '../doctor/examine.ts';
import { findingLines } from '../doctor/findingLines.ts';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import type { Verb } from '../verb.ts';

export const doctorVerb: Verb = {
  usage: 'doctor',
  summary: 'what is wrong with this deployment, and what to do',
  more: `Looks at the processes, the ledger, the queue and every index's source, change log and sink, and changes nothing. The
worst comes first, each with its way out: a command, or SQL. Ends with 0 when there is nothing to do, 3 when there is,
and 1 when a server did not answer, so that not everything could be looked at.

With --json an array of {severity, index, code, message, since, remedy}; severity: critical, warning, note.`,
  examples: ['reindeer doctor', 'reindeer doctor --json | jq \'.[] | select(.severity == "critical")\''],
  async action(context): Promise<ExitCode> {
    const { terminal } = context;
    const loaded = await context.loadSetup();
    using interrupts = new Interrupts();
    const { findings, isComplete } = await examine(loaded, interrupts.signal);
    terminal.data(worstFirst(findings));
    for (const line of findingLines(findings, isComplete, Date.now(), terminal.colors, terminal.width()))
      terminal.line(line);
    if (!isComplete) return EXIT.failed;
    return needsSomebody(findings) ? EXIT.refused : EXIT.done;
  },
};
