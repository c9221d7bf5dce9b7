import { InputError, LANES } from '@reindeer/core';
import type { TaskKind, TaskRef, TickRef } from './queue.ts';

const KINDS: readonly string[] = ['plan', 'slice', 'finish'] satisfies TaskKind[];
const LANE_NAMES: readonly string[] = LANES;

/**
 * Reads a task's payload. People can add and edit jobs in Bull Board, so it is not trusted.
 * @throws InputError when it is not a task of this index.
 */
export function readTask(data: unknown, index: string): TaskRef {
  const { index: of, run, kind, number, delivery } = fields(data);
  if (of !== index) throw unreadable('index', of, `${JSON.stringify(index)}, the index of this queue`);
  if (!isCount(run)) throw unreadable('run', run, 'a run number');
  if (!isOneOf<TaskKind>(kind, KINDS)) throw unreadable('kind', kind, `one of ${KINDS.join(', ')}`);
  if (!isCount(number)) throw unreadable('number', number, 'a task number');
  if (!isCount(delivery)) throw unreadable('delivery', delivery, 'a delivery number');
  return { index, run, kind, number, delivery };
}

/**
 * Reads a tick's payload.
 * @throws InputError when it is not a tick.
 */
export function readTick(data: unknown): TickRef {
  const { index, lane, shard } = fields(data);
  if (typeof index !== 'string' || index === '') throw unreadable('index', index, 'the name of an index');
  if (!isOneOf<TickRef['lane']>(lane, LANE_NAMES)) throw unreadable('lane', lane, `one of ${LANE_NAMES.join(', ')}`);
  if (shard !== -1 && !isCount(shard)) throw unreadable('shard', shard, 'a shard number, or -1 for the whole index');
  return { index, lane, shard: Number(shard) };
}

function fields(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isOneOf<T extends string>(value: unknown, names: readonly string[]): value is T {
  return typeof value === 'string' && names.includes(value);
}

function unreadable(field: string, value: unknown, wanted: string): InputError {
  const found = JSON.stringify(value) ?? 'missing';
  return new InputError(
    'job-payload',
    `The job's ${field} is ${found}; it must be ${wanted}. Was the job added or edited by hand?`,
  );
}
