import { formatCount } from '@reindeer/core';
import type { DecisionView } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';
import { laneText } from './laneText.ts';
import { reasonText } from './runDetails.ts';

/** What the last ticks led to, newest first; shards that were answered alike are one line. */
export function laneDecisions(decisions: readonly DecisionView[], nowMs: number): readonly string[] {
  const newest = decisions.toSorted((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1));
  return [...Map.groupBy(newest, ({ lane, outcome, reason }) => `${lane} ${outcome} ${reason}`).values()].flatMap(
    (alike) => {
      const [first] = alike;
      if (first === undefined) return [];
      const who = alike.length === 1 ? laneText(first) : `${first.lane} of ${plural(alike.length, 'shard')}`;
      const started = alike.flatMap(({ run }) => run ?? []).sort((a, b) => b - a);
      const what =
        first.outcome === 'started'
          ? `started ${started.length > 1 ? `runs, last ${started[0]}` : `run ${started[0] ?? '?'}`}`
          : `skipped: ${reasonText(first.reason ?? 'error')}`;
      const count = alike.reduce((sum, one) => sum + one.count, 0);
      const times = count > alike.length ? ` ×${formatCount(count)}` : '';
      return `${who} ${what}${times} (${formatMoment(first.decidedAt, nowMs)})`;
    },
  );
}

/** The newest of them in a word or two. */
export function lastDecisionText(decisions: readonly DecisionView[]): string {
  const [last] = decisions.toSorted((a, b) => (a.decidedAt < b.decidedAt ? 1 : -1));
  if (last === undefined) return '-';
  const what = last.outcome === 'started' ? `run ${last.run ?? '?'}` : (last.reason ?? 'skipped');
  return last.count > 1 ? `${what} ×${formatCount(last.count)}` : what;
}
