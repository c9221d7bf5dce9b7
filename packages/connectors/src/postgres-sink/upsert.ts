import type { Operation, Outcome, Ticket } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import type { SinkDatabase } from './database.ts';
import type { Session } from './session.ts';

/**
 * Writes operations on different ids in one statement. An equal ticket replaces (a replay), an older one does not (I4).
 * A delete writes a tombstone, also for a document that was never there (rule 14).
 * @returns one outcome per operation, in order
 */
export async function upsert(
  session: Session,
  { schema }: SinkDatabase,
  generation: string,
  operations: readonly Operation[],
): Promise<Outcome[]> {
  const table = quoteRelation({ schema, name: generation });
  const overtaken = await session.query<{ position: number }>(upsertStatement(table), parameters(operations));
  const outcomes = operations.map((operation): Outcome => {
    return operation.kind === 'index' ? { kind: 'written' } : { kind: 'deleted' };
  });
  if (overtaken.length === 0) return outcomes;
  const winners = await readTickets(
    session,
    table,
    overtaken.flatMap(({ position }) => operations[position]?.id ?? []),
  );
  for (const { position } of overtaken) {
    const id = operations[position]?.id;
    outcomes[position] = { kind: 'superseded', by: (id === undefined ? undefined : winners.get(id)) ?? null };
  }
  return outcomes;
}

/** Answers with the positions of those that were overtaken: none, as a rule. */
function upsertStatement(table: string): string {
  // Ids are written in one order by everyone, or writers with the same ids would deadlock.
  return `with input as materialized (
    select i.id, i.s, i.b, i.t, i.f1, i.f2, i.body::jsonb as body, i.position::int - 1 as position
      from unnest($1::text[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
        with ordinality as i (id, s, b, t, f1, f2, body, position)
  ), applied as (
    insert into ${table} as g (id, s, b, t, f1, f2, body, deleted, deleted_at)
    select id, s, b, t, f1, f2, body, body is null, case when body is null then now() end from input order by id collate "C"
    on conflict (id) do update
       set s = excluded.s, b = excluded.b, t = excluded.t, f1 = excluded.f1, f2 = excluded.f2,
           body = excluded.body, deleted = excluded.deleted, deleted_at = excluded.deleted_at
     where g.t <= excluded.t
    returning g.id
  )
  select position from input where id collate "C" not in (select id from applied)`;
}

function parameters(operations: readonly Operation[]): unknown[] {
  return [
    operations.map((operation) => operation.id),
    operations.map((operation) => operation.shard),
    operations.map((operation) => operation.bucket),
    operations.map((operation) => operation.ticket),
    operations.map((operation) => (operation.kind === 'index' ? operation.f1 : null)),
    operations.map((operation) => (operation.kind === 'index' ? operation.f2 : null)),
    operations.map((operation) => (operation.kind === 'index' ? operation.body : null)),
  ];
}

/** In a statement of its own: the first one's snapshot does not see a row that was committed while it waited for it. */
async function readTickets(session: Session, table: string, ids: readonly string[]): Promise<Map<string, Ticket>> {
  const rows = await session.query<{ id: string; t: string }>(
    `select id, t from ${table} where id = any($1::text[] collate "C")`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, Number(row.t)]));
}
