import {
  type EngineContext,
  type LaneAnswer,
  type LaneAsked,
  type LaneRefusal,
  requestLane,
  startOwedRefreshes,
} from '@reindeer/engine';
import { type Ledger, readRun } from '@reindeer/ledger';
import { followRuns } from '../follow/followRuns.ts';
import { plural } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Asks for runs, and where a refresh that is owed stands in the way, as after every rebuild, waits for its end and asks
 * again: whoever waits for a verify would otherwise be refused until then.
 */
export async function askBehindOwed(
  context: Pick<EngineContext, 'ledger' | 'deliver'>,
  asked: LaneAsked,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<LaneAnswer> {
  // A promotion of a moment ago may not have begun them yet.
  await startOwedRefreshes(context, { [asked.index.name]: asked.index });
  const runs: number[] = [];
  const refusals: LaneRefusal[] = [];
  let open: LaneAnswer = await requestLane(context, asked);
  for (;;) {
    runs.push(...open.runs);
    const owed = new Map<number, number | null>();
    for (const refusal of open.refusals) {
      const { shard, reason, run } = refusal;
      if (reason === 'overlap' && run !== null && (await isOwed(context.ledger, run))) owed.set(run, shard);
      else refusals.push(refusal);
    }
    if (owed.size === 0) return { runs, refusals };
    terminal.note(
      terminal.colors.dim(`Waiting for ${plural(owed.size, 'refresh', 'refreshes')} owed since the last rebuild.`),
    );
    await followRuns(context.ledger, [...owed.keys()], terminal, signal);
    // One that ended without having done it, superseded say, was started again by now: it is waited for as well.
    const again: LaneAnswer[] = [];
    for (const shard of owed.values()) again.push(await requestLane(context, { ...asked, shard }));
    open = { runs: again.flatMap((one) => one.runs), refusals: again.flatMap((one) => one.refusals) };
  }
}

async function isOwed(ledger: Ledger, run: number): Promise<boolean> {
  const view = await readRun(ledger, run);
  // It may have ended since: then there is nothing to wait for, and asking again is right.
  return view?.trigger === 'owed';
}
