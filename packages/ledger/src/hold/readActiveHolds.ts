import { type Ledger, query } from '../ledger.ts';

export interface ActiveHold {
  readonly index: string | null;
  readonly lane: string | null;
  readonly run: number | null;
  readonly reason: string;
  readonly actor: string;
  readonly note: string | null;
  readonly createdAt: Date;
}

export async function readActiveHolds(ledger: Ledger): Promise<readonly ActiveHold[]> {
  const rows = await query<Omit<ActiveHold, 'run' | 'createdAt'> & { run: string | null; created_at: Date }>(
    ledger,
    `select index, lane, run, reason, actor, note, created_at from holds where released_at is null order by hold`,
  );
  return rows.map(({ created_at, run, ...hold }) => ({
    ...hold,
    run: run === null ? null : Number(run),
    createdAt: created_at,
  }));
}
