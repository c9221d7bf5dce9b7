import { type DefinitionParts, definitionChange } from '@reindeer/core';
import type { PoolClient } from 'pg';
import { UNKNOWN_DEFINITION } from '../generation/foundGeneration.ts';
import { query } from '../ledger.ts';

/**
 * Generations whose documents go by other ids, or come from elsewhere, than the newest definition says: neither the feed
 * nor a refresh writes anything of it to them (rule 12). A live one that it fits again is followed again, from now on.
 * So may those be of which the definition is forgotten. Called whenever a definition comes, and whenever a generation becomes live.
 */
export async function leaveOtherRows(client: PoolClient, index: string): Promise<void> {
  const generations = await query<{
    generation: string;
    definition: number;
    made: Partial<DefinitionParts> | null;
    newest: Partial<DefinitionParts> | null;
  }>(
    client,
    `select g.generation, g.definition, d.definition as made,
            (select n.definition from definitions n where n.index = g.index order by n.number desc limit 1) as newest
       from generations g left join definitions d on d.index = g.index and d.number = g.definition
      where g.index = $1 and g.state in ('building', 'failed', 'live', 'retained')
        and (g.stale_reason is null or g.stale_reason = 'definition-mismatch')`,
    [index],
  );
  for (const { generation, definition, made, newest } of generations) {
    const otherRows =
      definition === UNKNOWN_DEFINITION ||
      (isWhole(made) && isWhole(newest) && definitionChange(made, newest).otherRows);
    await client.query(
      `update generations set stale_reason = case when $2 then 'definition-mismatch' when state <> 'live' then stale_reason end
        where generation = $1`,
      [generation, otherRows],
    );
    if (otherRows) await client.query(`delete from consumers where generation = $1`, [generation]);
  }
}

function isWhole(parts: Partial<DefinitionParts> | null): parts is DefinitionParts {
  return parts?.source !== undefined && parts.sink !== undefined;
}
