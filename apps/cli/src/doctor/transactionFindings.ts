import type { OpenTransaction } from '@reindeer/connectors';
import { formatCount, formatDuration } from '@reindeer/core';
import { plural } from '../terminal/format.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Batches of an application take minutes. */
const LONG_MS = 300_000;
/** What only keeps dead rows does no harm for long. */
const LONG_FOR_VACUUM_MS = 3_600_000;
/** Where no age is known: transactions that began since. */
const MANY_BEHIND = 1_000_000;

/**
 * What has been open for long on the server of a connection whose changes are followed. From `noteMs` on it is named;
 * a warning when no application should take that long.
 */
export function transactionFindings(
  connection: string,
  open: readonly OpenTransaction[],
  noteMs: number,
  nowMs: number,
): readonly Diagnosis[] {
  const findings = open.flatMap((one) => {
    const isWatermark = one.holds === 'watermark';
    const longMs = isWatermark ? LONG_MS : LONG_FOR_VACUUM_MS;
    const isLong = one.ageMs === null ? one.behind >= MANY_BEHIND : one.ageMs >= longMs;
    const isWorthANote = isWatermark && one.ageMs !== null && one.ageMs >= noteMs;
    if (!isLong && !isWorthANote) return [];
    return {
      severity: isLong ? 'warning' : 'note',
      index: null,
      code: isWatermark ? 'transaction-open' : 'vacuum-held',
      message: `${describe(one)} on connection ${connection}. ${isWatermark ? 'What it wrote is indexed when it ends; dead rows of the log stay until then.' : 'Dead rows of the log stay until it ends, and take disk.'}`,
      since: one.ageMs === null ? null : new Date(nowMs - one.ageMs).toISOString(),
      remedy: endOf(one),
    } as const;
  });
  const hidden = open.filter(({ grant }) => grant !== null);
  const grant = hidden[0]?.grant ?? null;
  if (grant === null) return findings;
  return [
    ...findings,
    {
      severity: 'note',
      index: null,
      code: 'grant-missing',
      message: `How long ${plural(hidden.length, 'transaction')} of other roles ${hidden.length === 1 ? 'has' : 'have'} been open on connection ${connection} is not shown to Reindeer (pid ${hidden.map(({ pid }) => pid).join(', ')}).`,
      since: null,
      remedy: grant,
    },
  ];
}

function describe(one: OpenTransaction): string {
  const { pid, name, database, user, application, state, ageMs, behind } = one;
  const where = [
    pid === null ? null : `pid ${pid}`,
    database === null ? null : `database ${database}`,
    user === null ? null : `user ${user}`,
    application === null ? null : `application "${application}"`,
    state,
  ].filter((part) => part !== null);
  const age = ageMs === null ? `${formatCount(behind)} transactions ago` : `open for ${formatDuration(ageMs)}`;
  const what = {
    session: 'A transaction',
    prepared: `The prepared transaction '${name}'`,
    slot: `The replication slot "${name}"`,
    standby: 'A standby (hot_standby_feedback)',
  }[one.kind];
  return `${what}, ${age}: ${where.join(', ')},`.replace(/: ,$|,$/, '');
}

function endOf({ kind, pid, name, database, state }: OpenTransaction): string | null {
  switch (kind) {
    case 'session':
      return `select pg_terminate_backend(${pid});`;
    case 'prepared':
      return `rollback prepared '${(name ?? '').replaceAll("'", "''")}';  -- or commit prepared, in database ${database}`;
    case 'slot':
      return state === 'active' ? null : `select pg_drop_replication_slot('${(name ?? '').replaceAll("'", "''")}');`;
    case 'standby':
      return 'End the long query on the standby, or set hot_standby_feedback = off there.';
  }
}
