import { type Ledger, query } from '../ledger.ts';

/** Refused documents that share a cause. */
export interface FailureGroup {
  readonly fingerprint: string;
  readonly reason: string;
  /** The detail of the newest one. */
  readonly detail: string;
  readonly documents: number;
  /** The newest document of the group. */
  readonly example: string;
  readonly runs: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Refused documents grouped by cause, the most frequent first; at most `limit` groups. */
export async function groupFailures(
  ledger: Ledger,
  filter: { readonly run?: number | undefined; readonly index?: string | undefined; readonly limit: number },
): Promise<FailureGroup[]> {
  const rows = await query<Omit<FailureGroup, 'firstAt' | 'lastAt'> & { firstAt: Date; lastAt: Date }>(
    ledger,
    `select fingerprint, (array_agg(reason order by failure desc))[1] as reason,
            (array_agg(detail order by failure desc))[1] as detail, count(*)::float8 as documents,
            (array_agg(document order by failure desc))[1] as example, count(distinct run)::float8 as runs,
            min(failed_at) as "firstAt", max(failed_at) as "lastAt"
       from failures
      where ($1::bigint is null or run = $1) and ($2::text is null or index = $2)
      group by fingerprint
      order by count(*) desc, fingerprint limit $3`,
    [filter.run ?? null, filter.index ?? null, filter.limit],
  );
  return rows.map((row) => ({ ...row, firstAt: row.firstAt.toISOString(), lastAt: row.lastAt.toISOString() }));
}
