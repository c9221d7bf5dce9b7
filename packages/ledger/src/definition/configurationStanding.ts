import { type Ledger, query } from '../ledger.ts';

export type ConfigurationStanding =
  | { readonly kind: 'current' }
  /** The ledger has seen it, and a newer one since `appliedAt`: processes with this one do nothing until one is deployed. */
  | { readonly kind: 'older'; readonly appliedAt: string }
  /** No scheduler has applied it. */
  | { readonly kind: 'unknown' };

/** How a configuration stands to the one that schedulers applied last. */
export async function configurationStanding(ledger: Ledger, fingerprint: string): Promise<ConfigurationStanding> {
  const [row] = await query<{ current: boolean; seen: boolean; applied_at: Date }>(
    ledger,
    `select fingerprint = $1 as current, exists (select 1 from configurations where fingerprint = $1) as seen, applied_at
       from configurations order by number desc limit 1`,
    [fingerprint],
  );
  if (row === undefined || (!row.current && !row.seen)) return { kind: 'unknown' };
  return row.current ? { kind: 'current' } : { kind: 'older', appliedAt: row.applied_at.toISOString() };
}
