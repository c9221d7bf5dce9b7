import { type Ledger, query, transaction } from '../ledger.ts';
import { requireClaim } from '../task/requireClaim.ts';
import type { TaskId } from '../task/task.ts';
import { GENERATION_COLUMNS, type GenerationDatabaseRow, type GenerationRow, toGeneration } from './generation.ts';

/**
 * The generation of a run: made with the next number, or given back as it is when the run has one already.
 * The name is `<index>_g<number>_<nonce>`, so that a number issued again after a ledger's loss meets no old generation.
 * `atLeast`: the lowest number allowed, above those that the sink still holds.
 * @throws RefusedError `lost-claim`.
 */
export async function createGeneration(
  ledger: Ledger,
  plan: TaskId & { token: string; index: string; nonce: string; definition: number },
  atLeast: number,
): Promise<GenerationRow> {
  return transaction(ledger, async (client) => {
    await requireClaim(client, plan);
    const [there] = await query<GenerationDatabaseRow>(
      client,
      `select ${GENERATION_COLUMNS} from runs r join generations g on g.generation = r.generation where r.run = $1`,
      [plan.run],
    );
    if (there !== undefined) return toGeneration(there);
    await client.query(`select 1 from indexes where index = $1 for update`, [plan.index]);
    const [row] = await query<GenerationDatabaseRow>(
      client,
      `insert into generations as g (index, number, name, definition, state, run, nonce)
       select $1, n.number, $1 || '_g' || n.number || '_' || left($2, 4), $3, 'building', $4, $2
         from (select greatest($5, coalesce(max(number), 0) + 1) as number from generations where index = $1) n
       returning ${GENERATION_COLUMNS}`,
      [plan.index, plan.nonce, plan.definition, plan.run, atLeast],
    );
    if (row === undefined) throw new Error('The ledger made no generation.');
    await client.query(`update runs set generation = $2 where run = $1`, [plan.run, row.generation]);
    return toGeneration(row);
  });
}

/** Freezes the bounds of the shards: every slice, schedule and later refresh of the generation uses them. */
export async function freezeShards(
  ledger: Ledger,
  generation: number,
  bounds: readonly (readonly string[])[],
): Promise<void> {
  await query(ledger, `update generations set shard_bounds = $2 where generation = $1`, [
    generation,
    JSON.stringify(bounds),
  ]);
}

/** Notes the coarse ticket bound that the generation's own metadata carries now (rule 2). */
export async function noteTicketBound(ledger: Ledger, generation: number, bound: number): Promise<void> {
  await query(ledger, `update generations set ticket_bound = greatest(ticket_bound, $2) where generation = $1`, [
    generation,
    bound,
  ]);
}

/**
 * Notes that a generation is settled, and how many documents a search can see of it then: once, because only then is it
 * known what must be there; what joins the feed loses and gains documents.
 */
export async function noteSettled(ledger: Ledger, generation: number, documents: number): Promise<void> {
  await query(
    ledger,
    `update generations set settled_at = now(), documents = $2 where generation = $1 and settled_at is null`,
    [generation, documents],
  );
}
