import type { PoolClient } from 'pg';

/**
 * A definition that comes back: while another was the newest, the feed wrote by that one also to the generations that this
 * one made (rule 12), so each that is kept current owes a refresh. Called when the newest definition is another.
 */
export async function oweWhatReturned(client: PoolClient, index: string): Promise<void> {
  await client.query(
    `select owe_refresh(g.generation, 'definition-changed')
       from generations g join definitions made on made.index = g.index and made.number = g.definition
      where g.index = $1 and g.state in ('building', 'failed', 'live', 'retained') and g.stale_reason is null
        and made.fingerprint = (select n.fingerprint from definitions n where n.index = $1 order by n.number desc limit 1)
        and exists (select from consumers c where c.generation = g.generation and c.joined_at is not null)`,
    [index],
  );
}
