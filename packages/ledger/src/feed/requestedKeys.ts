import type { Key } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';

/** Requested keys of an index that may wait: a feed that stands must not fill the ledger (I8). */
export const MAX_REQUESTED_KEYS = 1_000_000;

/**
 * Notes that these keys changed (rule 6): the feed's next pass indexes them. Each of one request is noted once.
 * @returns false when too many wait already, and nothing was noted
 */
export async function requestKeys(ledger: Ledger, index: string, keys: readonly Key[]): Promise<boolean> {
  const [row] = await query<{ noted: boolean }>(
    ledger,
    `with waiting as materialized (
       select count(*) as keys from (select from requested_keys where index = $1 limit ${MAX_REQUESTED_KEYS}) as kept),
     noted as (
       insert into requested_keys (index, key) select distinct $1::text, k.key from jsonb_array_elements($2::jsonb) as k (key), waiting
        where waiting.keys < ${MAX_REQUESTED_KEYS})
     select keys < ${MAX_REQUESTED_KEYS} as noted from waiting`,
    [index, JSON.stringify(keys)],
  );
  return row?.noted ?? false;
}

/** A page of requested keys that are visible in `upTo` and not in some of `since`: each once, by the order of the requests. */
export async function readRequestedKeys(
  ledger: Ledger,
  index: string,
  pass: { readonly since: readonly string[]; readonly upTo: string },
  after: string,
  limit: number,
): Promise<{ readonly keys: readonly Key[]; readonly last: string | null }> {
  const rows = await query<{ sequence: string; key: Key }>(
    ledger,
    `select k.sequence, k.key from requested_keys k
      where k.index = $1 and k.sequence > $4 and pg_visible_in_snapshot(k.xid, $3::pg_snapshot)
        and not (select bool_and(pg_visible_in_snapshot(k.xid, s::pg_snapshot)) from unnest($2::text[]) as s)
      order by k.sequence limit $5`,
    [index, pass.since, pass.upTo, after, limit],
  );
  const keys = new Map(rows.map(({ key }) => [JSON.stringify(key), key]));
  return { keys: [...keys.values()], last: rows.length < limit ? null : (rows.at(-1)?.sequence ?? null) };
}

/** Deletes requested keys that every consumer of their index is done with; those of indexes that nobody follows, after a day. */
export async function pruneRequestedKeys(ledger: Ledger): Promise<number> {
  const gone = await query(
    ledger,
    `delete from requested_keys k where k.sequence in (
       select k.sequence from requested_keys k
        where case when exists (select from consumers c join generations g on g.generation = c.generation
                                 where g.index = k.index and c.log = 'requested')
                   then not exists (
                     select from consumers c join generations g on g.generation = c.generation
                      where g.index = k.index and c.log = 'requested'
                        and not (c.echoed ->> 'system' = ledger_system()
                                 and pg_visible_in_snapshot(k.xid, (c.echoed ->> 'at')::pg_snapshot)))
                   else k.requested_at < now() - interval '1 day' end
        limit 10000) returning 1`,
  );
  return gone.length;
}
