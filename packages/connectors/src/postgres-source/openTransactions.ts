import { quoteIdentifier } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { OpenTransaction } from '../source.ts';
import type { SourceContext } from './context.ts';

const MOST = 20;

/**
 * The watermark is the oldest transaction with a number of its own, in any database of the server. What only holds a
 * snapshot (a long select, a slot, a standby's feedback) does not hold it, but keeps dead rows of the log from being
 * removed. Texts of queries are not asked for. A session of another role hides its age and state, never its number.
 */
export async function openTransactions(
  { pool }: SourceContext,
  signal: AbortSignal,
): Promise<readonly OpenTransaction[]> {
  const { rows } = await runStatement(
    pool,
    {
      text: `select kind, pid, name, database, "user", application, state, age_ms, age(xid), holds, hidden, current_user from (
  select 'session' as kind, a.pid, null::text as name, a.datname::text as database, a.usename::text as "user", a.application_name as application, a.state,
         floor(extract(epoch from clock_timestamp() - a.xact_start) * 1000) as age_ms, coalesce(a.backend_xid, a.backend_xmin) as xid,
         case when a.backend_xid is null then 'vacuum' else 'watermark' end as holds,
         a.xact_start is null as hidden
    from pg_catalog.pg_stat_activity as a
   where coalesce(a.backend_xid, a.backend_xmin) is not null and a.pid <> pg_backend_pid() and a.datname is not null
     and coalesce(a.backend_type, '') not in ('walsender', 'autovacuum worker')
  union all
  select 'prepared', null, p.gid, p.database::text, p.owner::text, null, null,
         floor(extract(epoch from clock_timestamp() - p.prepared) * 1000), p.transaction, 'watermark', false
    from pg_catalog.pg_prepared_xacts as p
  union all
  select 'slot', s.active_pid, s.slot_name::text, s.database::text, null, s.plugin::text, case when s.active then 'active' else 'inactive' end,
         null, s.xmin, 'vacuum', false
    from pg_catalog.pg_replication_slots as s where s.xmin is not null
  union all
  select 'standby', r.pid, null, null, r.usename::text, r.application_name, r.state, null, r.backend_xmin, 'vacuum', false
    from pg_catalog.pg_stat_replication as r where r.backend_xmin is not null
) as open
order by holds = 'watermark' desc, age(xid) desc limit ${MOST}`,
      timeoutMs: 30_000,
    },
    signal,
  );
  return rows.map(([kind, pid, name, database, user, application, state, ageMs, behind, holds, hidden, role]) => ({
    kind: kind as OpenTransaction['kind'],
    holds: holds as OpenTransaction['holds'],
    pid: pid == null ? null : Number(pid),
    name: name ?? null,
    database: database ?? null,
    user: user ?? null,
    application: application === '' ? null : (application ?? null),
    state: state ?? null,
    ageMs: ageMs == null ? null : Number(ageMs),
    behind: Number(behind),
    grant: hidden === 't' ? `grant pg_read_all_stats to ${quoteIdentifier(role ?? '')};` : null,
  }));
}
