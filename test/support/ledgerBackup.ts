import { type Ledger, query, transaction } from '@reindeer/ledger';

/**
 * A copy of all that the ledger holds, of one moment, and the way back to it: what a dump of its schema and restoring it
 * come to, on servers for which this machine has no pg_dump. The last ticket, which is in an unlogged table, is not in it.
 */
export async function backUpLedger(ledger: Ledger): Promise<{ restore(): Promise<void> }> {
  const tables = await query<{ name: string }>(
    ledger,
    `select quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind = 'r' and c.relpersistence = 'p' order by c.oid`,
    [ledger.schema],
  );
  const all = `${ledger.schema}_backup`;
  await transaction(ledger, async (client) => {
    await client.query(`set transaction isolation level repeatable read; create schema ${all}`);
    for (const { name } of tables) await client.query(`create table ${all}.${name} as table ${name}`);
    await client.query(
      `create table ${all}.sequences as select sequencename, last_value from pg_sequences where schemaname = '${ledger.schema}'`,
    );
  });
  return {
    restore: () =>
      transaction(ledger, async (client) => {
        await client.query(`set local session_replication_role = replica`);
        await client.query(`truncate ticket_last, ${tables.map(({ name }) => name).join(', ')}`);
        for (const { name } of tables)
          await client.query(`insert into ${name} overriding system value select * from ${all}.${name}`);
        await client.query(
          `select setval(quote_ident(sequencename), coalesce(last_value, 1), last_value is not null) from ${all}.sequences`,
        );
      }),
  };
}
