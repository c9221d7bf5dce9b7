import {
  type IndexDefinition,
  InputError,
  isShardLane,
  type KeyRange,
  type Lane,
  NO_OPTIONS,
  placeOf,
  type Reason,
  WHOLE_INDEX,
} from '@reindeer/core';
import { type RequestClaim, readScheduleState, runsOfRequest } from '@reindeer/ledger';
import type { EngineContext } from '../context.ts';
import { requestRun } from './requestRun.ts';

/** What a person asks for: of the whole index, one of its shards, or a range of its keys. */
export interface LaneAsked {
  readonly index: IndexDefinition;
  readonly lane: Lane;
  readonly shard: number | null;
  readonly range: KeyRange | null;
  readonly force: boolean;
  readonly adopt: boolean;
  /** Compares bodies too. Default false. */
  readonly deep?: boolean;
  readonly actor: string;
  /** What this request has started before is not started again, also when whoever took it on then died over it. */
  readonly request?: RequestClaim | null;
}

export interface LaneRefusal {
  readonly shard: number | null;
  readonly reason: Reason;
  readonly detail: string;
  /** The run that stands in the way, where one does. */
  readonly run: number | null;
}

export interface LaneAnswer {
  readonly runs: readonly number[];
  readonly refusals: readonly LaneRefusal[];
}

/**
 * Starts what a person asks for. A refresh or verify of the whole index is one run for each shard of the live
 * generation, each decided by itself: some may start while others are refused.
 * @throws InputError when the options do not go together; nothing is started then.
 */
export async function requestLane(context: Omit<EngineContext, 'observer'>, asked: LaneAsked): Promise<LaneAnswer> {
  checkOptions(asked);
  const { index, lane, range, force, adopt, deep = false, actor, request = null } = asked;
  const before = request === null ? [] : await runsOfRequest(context.ledger, index.name, request);
  const runs = before.map(({ run }) => run);
  const refusals: LaneRefusal[] = [];
  for (const shard of await shardsAsked(context, asked)) {
    if (before.some((one) => one.shard === shard)) continue;
    const answer = await requestRun(context, {
      index,
      lane,
      shard,
      trigger: 'manual',
      actor,
      slot: null,
      options: { ...NO_OPTIONS, range, force, adopt, deep },
      ...(request === null ? {} : { request: request.id }),
    });
    if (answer.kind === 'started') runs.push(answer.run);
    else {
      const { reason, detail, run } = answer;
      refusals.push({ shard: shard === WHOLE_INDEX ? null : shard, reason, detail, run });
    }
  }
  return { runs, refusals };
}

async function shardsAsked(context: Omit<EngineContext, 'observer'>, asked: LaneAsked): Promise<readonly number[]> {
  const { index, lane, shard, range } = asked;
  if (shard !== null) return [shard];
  if (!isShardLane(lane) || range !== null) return [WHOLE_INDEX];
  const { live } = await readScheduleState(context.ledger, index.name, lane, WHOLE_INDEX, placeOf(lane));
  return Array.from({ length: live?.shards ?? 1 }, (_, at) => at);
}

function checkOptions({ lane, shard, range, force, adopt, deep = false }: LaneAsked): void {
  const refuse = (message: string): never => {
    throw new InputError('bad-options', message);
  };
  if (lane === 'promote') refuse('A promotion is asked for by `reindeer promote` or `reindeer rollback`.');
  if (shard !== null && !isShardLane(lane)) refuse(`The lane ${lane} is of the whole index: leave the shard out.`);
  if (range !== null && !isShardLane(lane))
    refuse(`The lane ${lane} is of all keys: leave the range out, or ask for a refresh.`);
  if (shard !== null && range !== null) refuse('A shard and a range of keys exclude each other: give one of them.');
  if (force && lane !== 'refresh') refuse('force belongs to a refresh: a rebuild writes every document anyway.');
  if (deep && !isShardLane(lane)) refuse(`deep belongs to a verify or refresh: the lane ${lane} compares nothing.`);
  if (deep && force)
    refuse('deep and force exclude each other: by force every row is written, whatever the bodies are.');
  if (adopt && lane !== 'rebuild') refuse('adopt belongs to a rebuild: only its swap takes a name.');
}
