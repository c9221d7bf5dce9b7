import type { FoldedTrouble } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';

/** Why runs that are open do not get on: since when, what is done about it, and what failed. */
export function troubleText({ runs, attempts, since, nextAt, error }: FoldedTrouble, nowMs: number): string {
  const which = runs.length === 1 ? `run ${runs[0]}` : `${runs.length} runs, ${runs[0]} to ${runs.at(-1)}`;
  const next = nextAt === null ? 'is being tried again' : `tried again ${formatMoment(nextAt, nowMs)}`;
  const first = since === null ? '' : `, first ${formatMoment(since, nowMs)}`;
  return `${which}: failed ${plural(attempts, 'time')} without progress${first}, ${next}: ${error}`;
}
