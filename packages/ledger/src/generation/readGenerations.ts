import { type Ledger, query } from '../ledger.ts';
import {
  GENERATION_COLUMNS,
  type GenerationDatabaseRow,
  type GenerationRow,
  type GenerationState,
  toGeneration,
} from './generation.ts';

/** One generation; null: the ledger has none of that number. */
export async function readGeneration(ledger: Ledger, generation: number): Promise<GenerationRow | null> {
  const [row] = await query<GenerationDatabaseRow>(
    ledger,
    `select ${GENERATION_COLUMNS} from generations g where g.generation = $1`,
    [generation],
  );
  return row === undefined ? null : toGeneration(row);
}

/** Generations of an index (null: of all) in these states, oldest first. */
export async function readGenerations(
  ledger: Ledger,
  index: string | null,
  states: readonly GenerationState[],
): Promise<readonly GenerationRow[]> {
  const rows = await query<GenerationDatabaseRow>(
    ledger,
    `select ${GENERATION_COLUMNS} from generations g
      where ($1::text is null or g.index = $1) and g.state = any($2) order by g.generation`,
    [index, states],
  );
  return rows.map(toGeneration);
}
