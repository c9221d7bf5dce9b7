import { setTimeout as wait } from 'node:timers/promises';
import type { RunView } from '@reindeer/core';
import {
  type FoldedTrouble,
  foldTroubles,
  type Ledger,
  readAlive,
  readIndex,
  readRun,
  readTroubles,
  sumRuns,
} from '@reindeer/ledger';
import { FailedError } from '../exit/FailedError.ts';
import { InterruptedError } from '../exit/InterruptedError.ts';
import { LiveLine } from '../terminal/LiveLine.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { progressLine, progressText } from '../views/progressLine.ts';
import { troubleText } from '../views/troubleText.ts';

const LOOK_MS = 250;
/** A ledger that restarts is waited for; one that stays away ends the watching, not the run. */
const PATIENCE_MS = 60_000;
const LONELY_MS = 5_000;
const TROUBLE_MS = 3_000;

/**
 * Shows the progress of runs, as one, until all have ended, and gives them as they ended. What happens to this command
 * does nothing to the runs.
 * @throws InterruptedError when `signal` is aborted; FailedError when one is not in the ledger any more.
 */
export async function followRuns(
  ledger: Ledger,
  runs: readonly number[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly RunView[]> {
  const line = new LiveLine(terminal);
  const began = performance.now();
  let answered = began;
  let toldLonely = false;
  let askedMs = began;
  const told = new Set<string>();
  try {
    for (;;) {
      if (signal.aborted) throw interrupted(runs);
      const views = await readAll(ledger, runs).catch((error: unknown) => {
        if (performance.now() - answered > PATIENCE_MS) throw error;
        return undefined;
      });
      const sum = views === undefined ? null : sumRuns(views);
      if (views !== undefined && sum !== null) {
        answered = performance.now();
        if (views.every((view) => view.finishedAt !== null)) return views;
        if (
          !toldLonely &&
          views.every((view) => view.startedAt === null) &&
          performance.now() - began > LONELY_MS &&
          (await isLonely(ledger))
        ) {
          toldLonely = true;
          line.clear();
          terminal.note(
            terminal.colors.yellow('No worker is alive: the run waits for one. Start it with `reindeer worker`.'),
          );
        }
        if (performance.now() - askedMs > TROUBLE_MS) {
          askedMs = performance.now();
          const troubles = (await troublesOf(ledger, runs)).map((one) => ({
            key: one.error,
            text: troubleText(one, Date.now()),
          }));
          for (const { key, text } of [...troubles, ...(await waitsOf(ledger, views))]) {
            if (told.has(key)) continue;
            told.add(key);
            line.clear();
            terminal.note(terminal.colors.yellow(text));
          }
        }
        const [only = sum] = views.length === 1 ? views : [sum];
        line.show(progressLine(only, terminal.columns(), terminal.colors), progressText(only));
      }
      await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    line.clear();
  }
}

function interrupted(runs: readonly number[]): InterruptedError {
  const [first] = runs;
  const name = runs.length === 1 ? `Run ${first} goes` : `Runs ${runs.join(', ')} go`;
  return new InterruptedError(
    `${name} on without this command. Watch: reindeer show ${first}; stop: reindeer cancel ${first}`,
  );
}

async function readAll(ledger: Ledger, runs: readonly number[]): Promise<readonly RunView[]> {
  return Promise.all(
    runs.map(async (run) => {
      const view = await readRun(ledger, run);
      if (view === null) throw new FailedError(`Run ${run} is not in the ledger.`);
      return view;
    }),
  );
}

/** Each error once: it is what whoever waits must mend. */
async function troublesOf(ledger: Ledger, runs: readonly number[]): Promise<readonly FoldedTrouble[]> {
  return foldTroubles((await readTroubles(ledger).catch(() => [])).filter(({ run }) => runs.includes(run)));
}

/** What a run that is ready waits for, once for each reason, and where that is the feed, what is wrong with that. */
async function waitsOf(
  ledger: Ledger,
  views: readonly RunView[],
): Promise<readonly { readonly key: string; readonly text: string }[]> {
  const waiting = views.filter(({ waitsFor }) => waitsFor !== null);
  const texts = await Promise.all(
    waiting.map(async ({ run, index, waitsFor }) => {
      const feed = (await readIndex(ledger, index).catch(() => null))?.feed;
      // That what is live is not kept current any more keeps nothing else waiting.
      const stands = feed?.state === 'stands' && feed.reason !== 'generation-stale';
      const wrong = stands ? ` The feed of ${index} stands. ${feed.detail}` : '';
      return {
        key: `${waitsFor?.reason} ${feed?.state}`,
        text: `run ${run} waits (${waitsFor?.reason}): ${waitsFor?.detail}${wrong} More: reindeer status ${index}`,
      };
    }),
  );
  return texts;
}

async function isLonely(ledger: Ledger): Promise<boolean> {
  return (await readAlive(ledger).catch(() => null))?.workers === 0;
}
