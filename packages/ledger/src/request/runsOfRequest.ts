import { type Ledger, query } from '../ledger.ts';
import type { RequestClaim } from './claimRequest.ts';

/** The runs that a request started, by whomever worked on it. */
export async function runsOfRequest(
  ledger: Ledger,
  index: string,
  claim: RequestClaim,
): Promise<readonly { readonly run: number; readonly shard: number }[]> {
  return query<{ run: number; shard: number }>(
    ledger,
    `select run::float8 as run, shard from runs where index = $1 and created_at >= $2 and options ->> 'request' = $3 order by run`,
    [index, claim.firstAskedAt, claim.id],
  );
}
