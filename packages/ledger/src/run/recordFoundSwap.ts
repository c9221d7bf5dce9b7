import {
  GENERATION_COLUMNS,
  type GenerationDatabaseRow,
  type GenerationRow,
  toGeneration,
} from '../generation/generation.ts';
import { makeLive } from '../generation/makeLive.ts';
import { type Ledger, query, transaction } from '../ledger.ts';

/** The run `r` of the generation `g` ended, and its swap may have been under way: of a rebuild, or of a promotion by hand. */
const IN_DOUBT = `r.phase = 'promoting' and r.finished_at is not null and (
  (r.run = g.run and g.state in ('failed', 'dropping'))
  or (r.lane = 'promote' and r.generation = g.generation and r.status <> 'completed' and g.state in ('failed', 'dropping', 'retained')))`;

/**
 * Generations of an index whose run ended while its swap may have been under way: cancelled by force, of a changed
 * definition, or failed. All its evidence was there (I6); whether the swap was made only the sink knows.
 */
export async function swapsInDoubt(ledger: Ledger, index: string): Promise<readonly GenerationRow[]> {
  const rows = await query<GenerationDatabaseRow>(
    ledger,
    `select ${GENERATION_COLUMNS} from generations g
      where g.index = $1 and exists (select from runs r where ${IN_DOUBT})
      order by g.generation`,
    [index],
  );
  return rows.map(toGeneration);
}

/**
 * Records that the sink shows such a generation: it is live, and the one before is retained. Its run stays ended as it
 * is. A refresh is owed for every shard. False: it is no swap in doubt any more.
 */
export async function recordFoundSwap(
  ledger: Ledger,
  found: { generation: number; epoch: number; documents: number; soakMs: number },
): Promise<boolean> {
  return transaction(ledger, async (client) => {
    // A retry of its run comes before this, or finds the generation live.
    const [run] = await query<{ index: string }>(
      client,
      `select r.index from runs r join generations g on g.generation = $1
        where ${IN_DOUBT} order by r.run limit 1 for no key update of r`,
      [found.generation],
    );
    const [still] = await query(
      client,
      `select 1 from generations where generation = $1 and state in ('failed', 'dropping', 'retained') for no key update`,
      [found.generation],
    );
    if (run === undefined || still === undefined) return false;
    await makeLive(client, { index: run.index, ...found });
    await client.query(`select owe_refresh($1, 'changes-not-followed')`, [found.generation]);
    return true;
  });
}
