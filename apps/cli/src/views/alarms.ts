import type { Alive } from '@reindeer/ledger';
import type { Colors } from '../terminal/terminal.ts';

export interface Liveness extends Alive {
  /** Somebody paused the queue of ticks in Bull Board. */
  readonly ticksPaused: boolean;
}

/** What keeps everything from going on, whatever the indexes say; empty when nothing does. */
export function alarms({ workers, scheduler, ticksPaused }: Liveness, colors: Colors): string[] {
  const lines: string[] = [];
  if (!scheduler)
    lines.push('No scheduler is alive: no schedule starts anything, what died is not taken over: reindeer scheduler');
  if (workers === 0) lines.push('No worker is alive: what is unfinished waits: reindeer worker');
  if (ticksPaused)
    lines.push('The queue of ticks is paused in Bull Board: no schedule starts anything: reindeer resume --ticks');
  return lines.map((line) => colors.red(line));
}
