import { InputError } from '@reindeer/core';
import { sqlState } from '../postgres/failure.ts';
import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { sourceIdentity } from '../postgres-source/identity.ts';
import type { Position } from '../source.ts';
import type { LogContext } from './logContext.ts';
import { onReplica } from './lookAtLog.ts';
import { hasSeen } from './snapshotSql.ts';

/** Rows deleted by one statement: a transaction of some tens of milliseconds. */
const BATCH_ROWS = 10_000;
const PRUNE_TIMEOUT_MS = 60_000;
const READ_ONLY = '25006';

/**
 * Deletes what all consumers have seen. Pruned-to moves in the statement that deletes, so whoever reads afterwards knows,
 * and it never moves back. The log is one for the database: its consumers are those of all its indexes.
 */
export async function pruneLog(
  context: LogContext,
  consumers: readonly Position[],
  signal: AbortSignal,
): Promise<number> {
  if (consumers.length === 0) return 0;
  const identity = await sourceIdentity(context.source, signal);
  const stranger = consumers.find(
    ({ system, timeline }) => system !== identity.system || timeline !== identity.timeline,
  );
  if (stranger !== undefined) {
    throw new InputError(
      'bad-position',
      `The log is not pruned below a position of another database or timeline (${stranger.system}, ${stranger.timeline}; this is ${identity.system}, ${identity.timeline}).`,
    );
  }
  const s = quoteIdentifier(context.schema);
  let deleted = 0;
  for (;;) {
    const { rows } = await runStatement(
      context.writer,
      {
        text: `with consumers (at) as materialized (select unnest($1::pg_snapshot[])),
lowest (at) as materialized (
  select a.at from consumers as a cross join ${s}.state as st
   where st.system = $3 and not exists (select from consumers as b where not ${hasSeen('b.at', 'a.at')}) limit 1
), moved as (
  update ${s}.state as st set pruned_to = lowest.at from lowest
   where not ${hasSeen('st.pruned_to', 'lowest.at')}
), gone as (
  delete from ${s}.changes where ctid = any(array(
    select c.ctid from lowest cross join ${s}.logs as l cross join lateral (
      select c.ctid from ${s}.changes as c
       where c.log = l.log and c.xid < pg_snapshot_xmax(lowest.at) and pg_visible_in_snapshot(c.xid, lowest.at)
       limit $2::bigint) as c
     limit $2::bigint))
  returning 1
)
select (select count(*) from lowest), (select count(*) from gone)`,
        values: [consumers.map(({ at }) => at), BATCH_ROWS, identity.system],
        timeoutMs: PRUNE_TIMEOUT_MS,
      },
      signal,
    ).catch((error: unknown) => {
      throw sqlState(error) === READ_ONLY ? onReplica(context.source) : error;
    });
    const [lowest, gone] = (rows[0] ?? []).map(Number);
    if (lowest === 0) {
      throw new InputError(
        'bad-position',
        'The log is not of this database, or no position is the lowest: install the log again.',
      );
    }
    deleted += gone ?? 0;
    if ((gone ?? 0) < BATCH_ROWS) return deleted;
  }
}
