import type { DefinitionChange, DefinitionParts, IndexDefinition } from '@reindeer/core';
import { type Ledger, query } from '../ledger.ts';
import { changeBetween } from './changeBetween.ts';
import { keptDefinition } from './keptDefinition.ts';

export interface ChangeSinceLive {
  readonly change: DefinitionChange;
  /** It is the newest that a scheduler has applied. */
  readonly applied: boolean;
}

/**
 * What of a definition, as this process has it, changed since the live generation was made, whether a scheduler has applied
 * it yet or not. null: nothing, or nothing is live.
 */
export async function changeSinceLive(ledger: Ledger, index: IndexDefinition): Promise<ChangeSinceLive | null> {
  const [row] = await query<{
    fingerprint: string | null;
    made: Partial<DefinitionParts> | null;
    newest: string | null;
  }>(
    ledger,
    `select d.fingerprint, d.definition as made,
            (select n.fingerprint from definitions n where n.index = $1 order by n.number desc limit 1) as newest
       from generations g left join definitions d on d.index = g.index and d.number = g.definition
      where g.index = $1 and g.state = 'live'`,
    [index.name],
  );
  const applied = row?.newest === index.fingerprint;
  if (row === undefined || (applied && row.fingerprint === index.fingerprint)) return null;
  return { change: changeBetween(row.made, JSON.parse(JSON.stringify(keptDefinition(index)))), applied };
}
