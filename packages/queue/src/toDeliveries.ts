import { type Lane, taskTitle } from '@reindeer/core';
import type { Delivery, QueueLane, TaskKind } from './queue.ts';

/** A task that the ledger wants delivered. */
export interface DueDelivery {
  readonly run: number;
  readonly kind: TaskKind;
  readonly number: number;
  readonly index: string;
  readonly lane: Lane;
  readonly nonce: string;
  readonly delivery: number;
  readonly delayMs: number;
  /** Slices of the run planned so far; 0 when not known. */
  readonly slices: number;
}

/** Jobs for tasks: what a person sees in Bull Board, and the queue each belongs into. */
export function toDeliveries(due: readonly DueDelivery[]): readonly Delivery[] {
  return due.map((task) => ({
    index: task.index,
    run: task.run,
    kind: task.kind,
    number: task.number,
    delivery: task.delivery,
    nonce: task.nonce,
    delayMs: task.delayMs,
    queue: laneQueue(task.lane),
    title: taskTitle(task),
  }));
}

/** Freshness never waits behind a rebuild. */
export function laneQueue(lane: Lane): QueueLane {
  return lane === 'incremental' || lane === 'promote' ? 'live' : 'bulk';
}
