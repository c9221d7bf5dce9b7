import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import { readStatus, type Status } from '../status/readStatus.ts';
import { wrapText } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Verb } from '../verb.ts';
import { alarmCodes, alarms } from '../views/alarms.ts';
import { indexBlock } from '../views/indexBlock.ts';
import { indexTable } from '../views/indexTable.ts';
import { limitLines } from '../views/limitLines.ts';

const WATCH_MS = 1_000;

export const statusVerb: Verb = {
  usage: 'status [index]',
  summary: 'what is live, how fresh, what runs, what comes next, and what is held',
  more: 'With --json each index has `alarms`: no-scheduler, no-worker, queue-unavailable, configuration-older, ticks-paused.',
  options: [['--watch', 'show it again every second until Ctrl-C']],
  examples: ['reindeer status', 'reindeer status cities --watch'],
  async action(context, [index], options) {
    const { terminal } = context;
    const config = await context.loadConfig();
    return withDeployment(config, async (deployment): Promise<ExitCode> => {
      if (options.watch !== true) {
        show(terminal, index, await readStatus(deployment, index));
        return EXIT.done;
      }
      using interrupts = new Interrupts();
      while (!interrupts.signal.aborted) {
        const views = await readStatus(deployment, index);
        // Home, then the text, then the rest of the screen away: nothing flickers.
        if (terminal.live) terminal.raw('\u001b[H\u001b[2J');
        show(terminal, index, views);
        await wait(WATCH_MS, undefined, { signal: interrupts.signal }).catch(() => {});
      }
      return EXIT.interrupted;
    });
  },
};

function show(terminal: Terminal, index: string | undefined, { views, liveness, limits }: Status): void {
  const [only] = views;
  const block = index !== undefined && only !== undefined;
  const told = alarmCodes(liveness);
  terminal.data(block ? { ...only, alarms: told } : views.map((view) => ({ ...view, alarms: told })));
  const lines = block
    ? indexBlock(only, Date.now(), terminal.colors, terminal.width())
    : indexTable(views, Date.now(), terminal.colors, terminal.width());
  // What keeps everything from going on comes first: nothing below it is true for long.
  const limited = limitLines(limits).map((text) => terminal.colors.yellow(text));
  const alarmed = [...alarms(liveness, terminal.colors), ...limited].flatMap((text) =>
    wrapText(text, terminal.width()),
  );
  for (const line of alarmed.length === 0 ? lines : [...alarmed, '', ...lines]) terminal.line(line);
}
