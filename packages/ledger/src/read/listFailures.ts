import { type Ledger, query } from '../ledger.ts';

/** A document that the transform or the sink refused, for good. */
export interface FailureView {
  readonly failure: number;
  readonly run: number;
  readonly slice: number;
  readonly index: string;
  readonly generation: string | null;
  readonly document: string;
  readonly reason: string;
  readonly detail: string;
  /** Failures of the same cause have the same. */
  readonly fingerprint: string;
  readonly failedAt: string;
}

export interface FailureFilter {
  readonly run?: number | undefined;
  readonly index?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** Only older ones: the number of the last one of the page before. */
  readonly after?: number | undefined;
  /** Rows at most. */
  readonly limit: number;
}

/** Refused documents, newest first, by keyset. */
export async function listFailures(ledger: Ledger, filter: FailureFilter): Promise<FailureView[]> {
  const rows = await query<Omit<FailureView, 'failedAt'> & { failedAt: Date }>(
    ledger,
    `select f.failure::float8, f.run::float8, f.slice, f.index, g.name as generation, f.document, f.reason, f.detail,
            f.fingerprint, f.failed_at as "failedAt"
       from failures f left join generations g on g.generation = f.generation
      where ($1::bigint is null or f.run = $1)
        and ($2::text is null or f.index = $2)
        and ($3::text is null or f.fingerprint = $3)
        and ($4::bigint is null or f.failure < $4)
      order by f.failure desc limit $5`,
    [filter.run ?? null, filter.index ?? null, filter.fingerprint ?? null, filter.after ?? null, filter.limit],
  );
  return rows.map((row) => ({ ...row, failedAt: row.failedAt.toISOString() }));
}
