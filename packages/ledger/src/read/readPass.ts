import { type Ledger, query } from '../ledger.ts';

/** Where the feed of a generation is. */
export interface PassSeen {
  /** A pass for this generation that began after the given time has been finished. */
  readonly passed: boolean;
  /** It will come without anybody's doing: the generation is in the feed, and the feed's run is open and not stopped. */
  readonly awaited: boolean;
  /** A refresh of it is owed: what that repairs no pass writes. */
  readonly owed: boolean;
}

/** Now, by the ledger's clock, with every digit: what `readPass` takes. */
export async function ledgerTime(ledger: Ledger): Promise<string> {
  const [row] = await query<{ now: string }>(ledger, `select clock_timestamp()::text as now`);
  return row?.now ?? '';
}

/** Whether the feed has finished a pass for this generation whose snapshot is younger than `since` (rule 18). */
export async function readPass(ledger: Ledger, generation: number, since: string): Promise<PassSeen> {
  const [row] = await query<PassSeen>(
    ledger,
    `select coalesce(c.passed_at > $2::timestamptz, false) as passed,
            exists (select from runs r
                     where r.index = g.index and r.lane = 'incremental' and r.finished_at is null
                       and r.status in ('queued', 'running')) as awaited,
            exists (select from owed_refreshes o where o.generation = g.generation and o.discharged_at is null) as owed
       from generations g join consumers c on c.generation = g.generation
      where g.generation = $1 and c.log = 'source' and c.joined_at is not null and c.invalid_at is null`,
    [generation, since],
  );
  return row ?? { passed: false, awaited: false, owed: false };
}
