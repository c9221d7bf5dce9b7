import type { Lane } from '@reindeer/core';
import type { DueTask, TaskKind } from './task.ts';

/**
 * The select list that `toDueTask` reads, for `tasks t join runs r`. Slices are numbered from 1 without a gap: the last
 * number is found in the key at once, where counting them for each of 4,096 tasks would take seconds.
 */
export const DUE_TASK_COLUMNS = `
  t.run, t.kind, t.number, t.delivery, r.index, r.lane, r.nonce,
  greatest(0, ceil(extract(epoch from t.not_before - now()) * 1000))::float8 as delay_ms,
  (select coalesce(max(s.number), 0) from tasks s where s.run = r.run and s.kind = 'slice')::int as slices`;

export interface DueTaskRow {
  run: string;
  kind: TaskKind;
  number: number;
  delivery: number;
  index: string;
  lane: Lane;
  nonce: string;
  delay_ms: number;
  slices: number;
}

export function toDueTask(row: DueTaskRow): DueTask {
  return {
    run: Number(row.run),
    kind: row.kind,
    number: row.number,
    delivery: row.delivery,
    index: row.index,
    lane: row.lane,
    nonce: row.nonce,
    delayMs: row.delay_ms,
    slices: row.slices,
  };
}
