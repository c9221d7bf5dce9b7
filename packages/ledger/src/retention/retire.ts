import {
  GENERATION_COLUMNS,
  type GenerationDatabaseRow,
  type GenerationRow,
  toGeneration,
} from '../generation/generation.ts';
import { type Ledger, query } from '../ledger.ts';

/**
 * Of one index, marks what may go as `dropping`, one-way (rule 11): retained generations beyond the newest `keep` (the live one
 * counts), generations of cancelled runs, and those of failed runs once a newer generation exists or after a day
 * (until then `retry` goes on with them). @returns all that are dropping, also from before.
 */
export async function markDropping(ledger: Ledger, index: string, keep: number): Promise<readonly GenerationRow[]> {
  await query(
    ledger,
    `update generations g set state = 'dropping'
       from (select generation,
                    row_number() over (partition by index order by (state = 'live') desc, promoted_at desc nulls last, generation desc) as place
               from generations where index = $2 and state in ('live', 'retained')) ranked
      where ranked.generation = g.generation and g.state = 'retained' and ranked.place > $1
        -- What was live just before can be rolled back to until it has soaked, whatever is kept.
        and not (ranked.place = 2 and g.stale_reason is null and g.soak_until > now())`,
    [keep, index],
  );
  await query(
    ledger,
    `update generations g set state = 'dropping' from runs r
      where g.index = $1 and g.state = 'failed' and r.run = g.run and r.finished_at is not null
        and (r.status = 'cancelled' or r.finished_at < now() - interval '1 day'
             or exists (select 1 from generations n where n.index = g.index and n.generation > g.generation
                           and n.state in ('building', 'live')))`,
    [index],
  );
  await query(
    ledger,
    `delete from consumers c using generations g
      where g.generation = c.generation and g.index = $1 and g.state in ('dropping', 'dropped')`,
    [index],
  );
  const rows = await query<GenerationDatabaseRow>(
    ledger,
    `select ${GENERATION_COLUMNS} from generations g where g.index = $1 and g.state = 'dropping' order by g.generation`,
    [index],
  );
  return rows.map(toGeneration);
}

/** Records that the sink holds it no more. */
export async function noteDropped(ledger: Ledger, generation: number): Promise<void> {
  await query(
    ledger,
    `update generations set state = 'dropped', dropped_at = now() where generation = $1 and state = 'dropping'`,
    [generation],
  );
  await query(ledger, `delete from owed_refreshes where generation = $1 and discharged_at is null`, [generation]);
}
