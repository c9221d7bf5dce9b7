import { setTimeout as wait } from 'node:timers/promises';
import type { RunView } from '@reindeer/core';
import { countWorkers, type Ledger, readRun } from '@reindeer/ledger';
import { FailedError } from '../exit/FailedError.ts';
import { InterruptedError } from '../exit/InterruptedError.ts';
import { LiveLine } from '../terminal/LiveLine.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { progressLine, progressText } from '../views/progressLine.ts';

const LOOK_MS = 250;
/** A ledger that restarts is waited for; one that stays away ends the watching, not the run. */
const PATIENCE_MS = 60_000;
const LONELY_MS = 5_000;

/**
 * Shows a run's progress until it has ended, and gives it as it ended. What happens to this command does nothing to
 * the run.
 * @throws InterruptedError when `signal` is aborted; FailedError when the run is not in the ledger any more.
 */
export async function followRun(
  ledger: Ledger,
  run: number,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<RunView> {
  const line = new LiveLine(terminal);
  const began = performance.now();
  let answered = began;
  let toldLonely = false;
  try {
    for (;;) {
      if (signal.aborted)
        throw new InterruptedError(
          `Run ${run} goes on without this command. Watch it: reindeer show ${run}; stop it: reindeer cancel ${run}`,
        );
      const view = await readRun(ledger, run).catch((error: unknown) => {
        if (performance.now() - answered > PATIENCE_MS) throw error;
        return undefined;
      });
      if (view === null) throw new FailedError(`Run ${run} is not in the ledger.`);
      if (view !== undefined) {
        answered = performance.now();
        if (view.finishedAt !== null) return view;
        if (
          !toldLonely &&
          view.startedAt === null &&
          performance.now() - began > LONELY_MS &&
          (await isLonely(ledger))
        ) {
          toldLonely = true;
          line.clear();
          terminal.note(
            terminal.colors.yellow('No worker is alive: the run waits for one. Start it with `reindeer worker`.'),
          );
        }
        line.show(progressLine(view, terminal.columns(), terminal.colors), progressText(view));
      }
      await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    line.clear();
  }
}

async function isLonely(ledger: Ledger): Promise<boolean> {
  return (await countWorkers(ledger).catch(() => 1)) === 0;
}
