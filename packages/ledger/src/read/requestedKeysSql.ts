/** Newest requested keys that are looked at: more than that wait only where nothing goes on at all. */
const LOOKED_AT = 100_000;

/** How many requested keys of index `i` its live generation, whose consumer of them is `q`, has not taken in. */
export const REQUESTED_KEYS = `(
  select count(*)::float8
    from (select k.xid from requested_keys k where k.index = i.index order by k.sequence desc limit ${LOOKED_AT}) k
   where not pg_visible_in_snapshot(k.xid, coalesce(
           case when q.position ->> 'system' = ledger_system() then q.position ->> 'at' end, '3:3:')::pg_snapshot))`;
