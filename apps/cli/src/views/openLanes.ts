import type { RunView } from '@reindeer/core';
import { sumRuns } from '@reindeer/ledger';
import { plural } from '../terminal/format.ts';
import type { Colors } from '../terminal/terminal.ts';
import { laneText } from './laneText.ts';
import { progressText, shareText } from './progressLine.ts';
import { runStateText } from './stateText.ts';

/** Runs that are open, those of many shards of a lane as one. */
function byLane(runs: readonly RunView[]): readonly { readonly sum: RunView; readonly runs: readonly RunView[] }[] {
  // The feed never ends; how it does is said where changes are.
  const ending = runs.filter(({ lane }) => lane !== 'incremental');
  return [...Map.groupBy(ending, ({ lane }) => lane).values()].flatMap((those) => {
    const sum = those.length > 1 ? sumRuns(those) : those[0];
    return sum == null ? [] : { sum, runs: those };
  });
}

/** A line for each lane. */
export function openLanes(runs: readonly RunView[]): readonly string[] {
  return byLane(runs).map(({ sum, runs: those }) => {
    if (those.length === 1) return `${progressText(sum)} (${laneText(sum)}, ${sum.trigger})`;
    const numbers = those.map(({ run }) => run ?? 0).sort((a, b) => a - b);
    const triggers = [...new Set(those.map(({ trigger }) => trigger))].join(', ');
    return `${progressText(sum)} (${plural(those.length, 'shard')}, runs ${numbers[0]} to ${numbers.at(-1)}, ${triggers})`;
  });
}

/** In a few words: `12 building 45%`, `refresh ×8 comparing 3%`. */
export function openLanesText(runs: readonly RunView[], colors: Colors): string {
  const texts = byLane(runs).map(({ sum, runs: those }) => {
    const which = sum.run === null ? `${sum.lane} ×${those.length}` : String(sum.run);
    return [which, runStateText(sum, colors), shareText(sum)].filter((part) => part !== '').join(' ');
  });
  return texts.length === 0 ? '-' : texts.join(', ');
}
