import { formatDuration } from '@reindeer/core';
import { formatMoment, plural } from '../terminal/format.ts';
import { laneText } from './laneText.ts';
import type { NextTick, StatusView } from './statusView.ts';

/** A tick is late when its time has passed by more than a scheduler takes. */
const LATE_MS = 5_000;

export interface LaneTick {
  /** When the lane fires next, or by how much it is late; of its shards the first. */
  readonly text: string;
  readonly late: boolean;
}

/** The next tick of each lane, the first to come before the others; empty where nothing is scheduled or known. */
export function laneTicks({ schedules }: StatusView, nowMs: number): readonly LaneTick[] {
  const timed = (schedules ?? []).filter((tick) => tick.nextAt !== null).sort((a, b) => dueMs(a) - dueMs(b));
  return [...Map.groupBy(timed, ({ lane }) => lane).values()].flatMap((ticks) => {
    const [first] = ticks;
    if (first === undefined) return [];
    const late = ticks.filter((tick) => dueMs(tick) < nowMs - LATE_MS);
    if (late.length === 0) return { text: `${laneText(first)} ${formatMoment(dueMs(first), nowMs)}`, late: false };
    const which = late.length === 1 ? laneText(first) : `${first.lane} of ${plural(late.length, 'shard')}`;
    return { text: `${which} ${formatDuration(wholeSeconds(nowMs - dueMs(first)))} late`, late: true };
  });
}

/** The one that matters most in few words. */
export function nextTickText(view: StatusView, nowMs: number): string {
  if (view.schedules === null) return 'unknown';
  return laneTicks(view, nowMs)[0]?.text ?? (view.schedules.length === 0 ? 'not scheduled' : 'unknown');
}

function dueMs({ nextAt }: NextTick): number {
  return nextAt === null ? Number.POSITIVE_INFINITY : Date.parse(nextAt);
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}
