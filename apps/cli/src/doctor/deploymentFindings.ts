import { formatDuration } from '@reindeer/core';
import type { LedgerClock } from '@reindeer/ledger';
import type { QueueLimit } from '@reindeer/queue';
import { ALARMS, type AlarmCode, alarmCodes, type Liveness } from '../views/alarms.ts';
import { limitLines } from '../views/limitLines.ts';
import type { Diagnosis } from './diagnosis.ts';

export interface DeploymentFacts {
  readonly liveness: Liveness;
  readonly limits: readonly QueueLimit[];
  readonly clock: LedgerClock;
  /** Migrations that the ledger lacks and can do without. */
  readonly pending: readonly string[];
}

/** Tickets are reserved ten seconds ahead; beyond this they are ahead of the clock. */
const AHEAD_MS = 60_000;

/** What is wrong with the processes and servers that all indexes share. */
export function deploymentFindings({ liveness, limits, clock, pending }: DeploymentFacts): readonly Diagnosis[] {
  const findings: Diagnosis[] = alarmCodes(liveness).map((code) => ({
    severity: code === 'configuration-older' || code === 'ticks-paused' ? 'warning' : 'critical',
    index: null,
    code,
    message: `${ALARMS[code].text}.`,
    since: sinceOf(code, clock),
    remedy: ALARMS[code].remedy,
  }));
  for (const message of limitLines(limits))
    findings.push({ severity: 'warning', index: null, code: 'queue-limited', message, since: null, remedy: null });
  if (pending.length > 0)
    findings.push({
      severity: 'warning',
      index: null,
      code: 'ledger-not-migrated',
      message: `The ledger is to be brought up to date: ${pending.join(', ')}.`,
      since: null,
      remedy: 'reindeer migrate',
    });
  const aheadMs = clock.ticketBoundMs - clock.nowMs;
  if (aheadMs > AHEAD_MS)
    findings.push({
      severity: 'warning',
      index: null,
      code: 'tickets-ahead',
      message: `Versions are ${formatDuration(aheadMs)} ahead of the clock of the ledger's server: the clock went back, or the ledger was restored or made anew, and went on above what the sinks hold (an hour, as a rule). They go on upwards, and nothing is lost.`,
      since: null,
      remedy: "Where the clock of the ledger's server is wrong, set it (NTP); otherwise nothing: time catches up.",
    });
  return findings;
}

function sinceOf(code: AlarmCode, { schedulerUntil, workerUntil }: LedgerClock): string | null {
  if (code === 'no-scheduler') return schedulerUntil;
  return code === 'no-worker' ? workerUntil : null;
}
