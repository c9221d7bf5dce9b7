import { isShardLane, type Lane, RefusedError, type RunView } from '@reindeer/core';
import { type LaneRefusal, requestLane } from '@reindeer/engine';
import { type DifferenceRow, type Ledger, listDifferences, readRun, sumRuns } from '@reindeer/ledger';
import { EXIT, type ExitCode } from '../exit/exitCode.ts';
import { Interrupts } from '../exit/Interrupts.ts';
import { followRuns } from '../follow/followRuns.ts';
import { actor } from '../setup/actor.ts';
import { withDeployment } from '../setup/withDeployment.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { VerbContext } from '../verb.ts';
import { differenceLines } from '../views/differenceLines.ts';
import { leavesDifferent } from '../views/leavesDifferent.ts';
import { mendingLine } from '../views/mendingLine.ts';
import { runOutcome } from '../views/runOutcome.ts';
import { askBehindOwed } from './askBehindOwed.ts';
import type { LaneOptions } from './laneOptions.ts';

/** Examples of each kind of difference in JSON, and in the terminal. */
const EXAMPLES = 20;
const SHOWN = 10;

/** Starts what was asked for and, where that is wanted, waits for its end. The exit code is the worst. */
export async function runLane(
  context: VerbContext,
  index: string,
  asked: LaneOptions & { readonly lane: Lane },
  wait: boolean,
): Promise<ExitCode> {
  const { terminal } = context;
  const config = await context.loadConfig();
  return withDeployment(config, async ({ ledger, deliver, definition }): Promise<ExitCode> => {
    using interrupts = new Interrupts();
    const wanted = { index: await definition(index), ...asked, actor: actor() };
    const answer = wait
      ? await askBehindOwed({ ledger, deliver }, wanted, terminal, interrupts.signal)
      : await requestLane({ ledger, deliver }, wanted);
    const [refusal] = answer.refusals;
    if (answer.runs.length === 0 && refusal !== undefined) throw new RefusedError(refusal.reason, refusal.detail);
    tellRefusals(terminal, answer.refusals);
    const views = wait
      ? await followRuns(ledger, answer.runs, terminal, interrupts.signal)
      : await readAll(ledger, answer.runs);
    const examples = wait ? await listDifferences(ledger, answer.runs, EXAMPLES) : [];
    tellRuns(terminal, views, asked, examples);
    if (!wait) {
      const runs = answer.runs.length === 1 ? `Run ${answer.runs[0]}` : `Runs ${answer.runs.join(', ')}`;
      terminal.line(`${runs} of ${index}: accepted. Watch with: reindeer status ${index} --watch`);
    } else {
      const [only] = views;
      const sum = views.length === 1 && only !== undefined ? only : sumRuns(views);
      if (sum !== null) for (const line of runOutcome(sum, terminal.colors)) terminal.note(line);
      for (const line of differenceLines(examples, SHOWN, terminal.colors)) terminal.note(line);
      const mend = sum === null ? null : mendingLine(sum, asked);
      if (mend !== null) terminal.note(mend);
    }
    return worst(views, answer.refusals, wait);
  });
}

/** One line each, and where a request may lead to several runs a last one with their sums. The last has the examples. */
function tellRuns(
  terminal: Terminal,
  views: readonly RunView[],
  asked: LaneOptions & { lane: Lane },
  examples: readonly DifferenceRow[],
): void {
  const several = isShardLane(asked.lane) && asked.shard === null && asked.range === null;
  const lines = several ? [...views, sumRuns(views)] : views;
  lines.forEach((line, at) => {
    const last = at === lines.length - 1 && isShardLane(asked.lane);
    terminal.data(last ? { ...line, examples } : line);
  });
}

function tellRefusals(terminal: Terminal, refusals: readonly LaneRefusal[]): void {
  for (const { shard, reason, detail } of refusals)
    terminal.note(terminal.colors.yellow(`shard ${shard ?? '-'}: refused (${reason}). ${detail}`));
}

async function readAll(ledger: Ledger, runs: readonly number[]): Promise<readonly RunView[]> {
  const views = await Promise.all(runs.map((run) => readRun(ledger, run)));
  return views.filter((view) => view !== null);
}

/** Failed is worse than refused, and that is worse than different. */
function worst(views: readonly RunView[], refusals: readonly LaneRefusal[], ended: boolean): ExitCode {
  if (ended && views.some((view) => view.state !== 'completed')) return EXIT.failed;
  if (refusals.length > 0) return EXIT.refused;
  return ended && views.some(leavesDifferent) ? EXIT.different : EXIT.done;
}
