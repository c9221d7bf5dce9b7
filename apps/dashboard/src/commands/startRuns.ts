import type { KeyRange, Lane, RunView } from '@reindeer/core';
import { type LaneRefusal, requestLane } from '@reindeer/engine';
import type { RequestClaim } from '@reindeer/ledger';
import type { CommandContext } from './commandContext.ts';
import { findDefinition } from './findDefinition.ts';
import { findRun } from './findRun.ts';
import { RunsRefused } from './RunsRefused.ts';

export interface RunWanted {
  readonly index: string;
  readonly lane: Lane;
  /** null: the whole index. */
  readonly shard: number | null;
  /** null: all keys. */
  readonly range: KeyRange | null;
  readonly force: boolean;
  readonly adopt: boolean;
  readonly deep?: boolean;
}

export interface RunsStarted {
  readonly runs: readonly RunView[];
  /** Shards whose run was not started. */
  readonly refusals: readonly LaneRefusal[];
}

/**
 * Starts what a person asks for: one run, or one for each shard.
 * @param claim of a request that must not start anything twice; what it has started before is its answer.
 * @throws NotFound; RunsRefused when nothing is started.
 */
export async function startRuns(
  context: CommandContext,
  wanted: RunWanted,
  actor: string,
  claim: RequestClaim | null = null,
): Promise<RunsStarted> {
  const { ledger, logger } = context;
  const definition = findDefinition(context.config, wanted.index);
  const { runs, refusals } = await requestLane(context, { ...wanted, index: definition, actor, request: claim });
  if (runs.length === 0) throw new RunsRefused(refusals);
  logger.info({ name: actor, action: 'run', target: `${wanted.index} ${wanted.lane}`, runs }, 'acted');
  return { runs: await Promise.all(runs.map((run) => findRun(ledger, run))), refusals };
}
