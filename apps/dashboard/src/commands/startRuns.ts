import type { KeyRange, Lane, RunView } from '@reindeer/core';
import { requestRun } from '@reindeer/engine';
import { type RequestClaim, runsOfRequest } from '@reindeer/ledger';
import type { CommandContext } from './commandContext.ts';
import { findDefinition } from './findDefinition.ts';
import { findRun } from './findRun.ts';
import { type Refusal, RunsRefused } from './RunsRefused.ts';

export interface RunWanted {
  readonly index: string;
  readonly lane: Lane;
  /** null: the whole index. */
  readonly shard: number | null;
  /** null: all keys. */
  readonly range: KeyRange | null;
  readonly force: boolean;
  readonly adopt: boolean;
}

export interface RunsStarted {
  readonly runs: readonly RunView[];
  /** Shards whose run was not started. */
  readonly refusals: readonly Refusal[];
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
  const before = claim === null ? [] : await runsOfRequest(ledger, wanted.index, claim);
  const { runs, refusals } = before.length > 0 ? { runs: before, refusals: [] } : await ask();
  if (runs.length === 0) throw new RunsRefused(refusals);
  logger.info({ name: actor, action: 'run', target: `${wanted.index} ${wanted.lane}`, runs }, 'acted');
  return { runs: await Promise.all(runs.map((run) => findRun(ledger, run))), refusals };

  async function ask(): Promise<{ runs: readonly number[]; refusals: readonly Refusal[] }> {
    const answer = await requestRun(context, {
      index: definition,
      lane: wanted.lane,
      trigger: 'manual',
      actor,
      slot: null,
      ...(claim === null ? {} : { request: claim.id }),
    });
    if (answer.kind === 'started') return { runs: [answer.run], refusals: [] };
    return { runs: [], refusals: [{ shard: null, reason: answer.reason, detail: answer.detail, run: answer.run }] };
  }
}
