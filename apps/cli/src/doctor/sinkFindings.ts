import type { GenerationInfo, LiveGeneration } from '@reindeer/connectors';
import { formatDuration } from '@reindeer/core';
import type { GenerationStanding, LedgerClock } from '@reindeer/ledger';
import type { Diagnosis } from './diagnosis.ts';

export interface SinkFacts {
  readonly index: string;
  readonly live: LiveGeneration | null;
  readonly held: readonly GenerationInfo[];
  /** Generations of the index that the ledger knows and has not dropped. */
  readonly known: readonly GenerationStanding[];
  /** null: the ledger does not answer. */
  readonly clock: LedgerClock | null;
}

/** The bound in a generation's metadata is an hour above the tickets that are drawn. */
const COARSE_MS = 3_660_000;

/** Where the sink is not what the ledger says. Asked of both while a swap is under way, they differ for a moment: ask again. */
export function sinkFindings({ index, live, held, known, clock }: SinkFacts): readonly Diagnosis[] {
  if (clock === null) return [];
  const findings: Diagnosis[] = [];
  const expected = known.find(({ state }) => state === 'live')?.name ?? null;
  const actual = live?.generation.name ?? null;
  const names = new Set(known.map(({ name }) => name));
  if (expected !== actual) findings.push({ ...moved(index, expected, actual, names), index });
  const unknown = held.filter(({ name, metadata }) => metadata !== null && !names.has(name) && name !== actual);
  if (unknown.length > 0)
    findings.push({
      severity: 'note',
      index,
      code: 'generation-unknown',
      message: `The sink holds ${unknown.map(({ name }) => name).join(', ')}, made by Reindeer and not in this ledger: another deployment's, or of before a restore. Nothing drops them; if nobody else's, delete them by hand.`,
      since: null,
      remedy: null,
    });
  const highest = Math.max(0, ...held.map(({ metadata }) => metadata?.ticketBound ?? 0)) / 1_000;
  const aheadMs = highest - Math.max(clock.ticketBoundMs, clock.nowMs) - COARSE_MS;
  if (aheadMs > 0)
    findings.push({
      severity: 'warning',
      index,
      code: 'ticket-behind',
      message: `The sink was written with versions up to ${formatDuration(aheadMs + COARSE_MS)} above those that this ledger draws: it came from a backup, or its clock went back. A rebuild draws above them:`,
      since: null,
      remedy: `reindeer run ${index}`,
    });
  return findings;
}

/** A rebuild mends it where nobody's generation would be replaced: the sink has none, or the ledger has none and adopts it. */
function moved(
  index: string,
  expected: string | null,
  actual: string | null,
  names: ReadonlySet<string>,
): Omit<Diagnosis, 'index'> {
  const isMendedByRebuild = actual === null || (expected === null && !names.has(actual));
  const way = isMendedByRebuild
    ? 'A rebuild brings both together:'
    : `Nothing is promoted until ${expected === null ? 'somebody decides which of the two is right' : `it leads to ${expected} again`}.`;
  return {
    severity: 'critical',
    code: 'sink-moved',
    message: `In the sink ${actual ?? 'nothing'} is live, and in the ledger ${expected ?? 'nothing'}: somebody moved it, or one of the two went back in time, which a scheduler finds within a minute. ${way}`,
    since: null,
    remedy: isMendedByRebuild ? `reindeer run ${index}` : null,
  };
}
