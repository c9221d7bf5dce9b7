import type { RunView } from '@reindeer/core';
import type { Colors } from '../terminal/terminal.ts';
import { runOutcome } from '../views/runOutcome.ts';

/** What became of a promotion, and what is made live may lack: caught up with what a column shows is not with all that changed. */
export function outcomeLines(view: RunView, lacks: readonly string[], colors: Colors): string[] {
  const told = { ...view, caughtUp: view.caughtUp && lacks.length === 0 };
  return [...runOutcome(told, colors), ...lacks.map((line) => colors.yellow(line))];
}
