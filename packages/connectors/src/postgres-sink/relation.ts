import type { Session } from './session.ts';

export interface Relation {
  readonly oid: number;
  /** pg_class.relkind: r table, p partitioned table, v view, m materialized view, f foreign table, S sequence, i index… */
  readonly kind: string;
  /** Whether the session's role may replace or drop it. */
  readonly owned: boolean;
}

/** Whatever has this name in the schema: tables, views, indexes and sequences share one namespace. */
export async function findRelation(session: Session, schema: string, name: string): Promise<Relation | null> {
  const [row] = await session.query<{ oid: number; kind: string; owned: boolean }>(
    `select c.oid, c.relkind as kind, pg_catalog.pg_has_role(c.relowner, 'USAGE') as owned
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  return row ?? null;
}

/** For messages: `view`, `table`… */
export function relationWord(relation: Relation): string {
  const words: Readonly<Record<string, string>> = {
    v: 'view',
    m: 'materialized view',
    S: 'sequence',
    i: 'index',
    I: 'index',
    f: 'foreign table',
  };
  return words[relation.kind] ?? 'table';
}
