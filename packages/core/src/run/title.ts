import type { Lane } from '../lane.ts';

/** What a person sees of a task in Bull Board: `cities · rebuild #12 · slice 3/16`. */
export function taskTitle(task: {
  readonly index: string;
  readonly lane: Lane;
  readonly run: number;
  readonly kind: 'plan' | 'slice' | 'finish';
  readonly number: number;
  /** Slices planned so far; 0 when not known. */
  readonly slices: number;
}): string {
  const run = `${task.index} · ${task.lane} #${task.run}`;
  if (task.kind !== 'slice') return `${run} · ${task.kind}`;
  return task.slices === 0 ? `${run} · slice ${task.number}` : `${run} · slice ${task.number}/${task.slices}`;
}
