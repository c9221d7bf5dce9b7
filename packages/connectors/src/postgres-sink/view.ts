import { RefusedError } from '@reindeer/core';
import { quoteRelation } from '../postgres/quote.ts';
import { findRelation } from './relation.ts';
import type { Session } from './session.ts';

/** What readers of an index use: id, body and the search column of the live generation, without its tombstones. */
export interface IndexView {
  /** The view's definition as the server prints it. */
  readonly definition: string;
  readonly serverMajor: number;
  /** The one table it reads, by name, when that is in the sink's schema; null when it reads several, none or another's. */
  readonly reads: string | null;
  readonly owned: boolean;
}

export function viewSql(schema: string, index: string, generation: string): string {
  const view = quoteRelation({ schema, name: index });
  const table = quoteRelation({ schema, name: generation });
  return `create or replace view ${view} as select id, body, search from ${table} where not deleted`;
}

/** @returns null when nothing has the index's name, or what has it is no view. */
export async function readView(session: Session, schema: string, index: string): Promise<IndexView | null> {
  const relation = await findRelation(session, schema, index);
  if (relation?.kind !== 'v') return null;
  const [row] = await session.query<{ definition: string; major: number; reads: string[] }>(
    `select pg_catalog.pg_get_viewdef($1::oid) as definition,
            current_setting('server_version_num')::int / 10000 as major,
            array(select distinct case when n.nspname = $2 then t.relname::text else '' end
                    from pg_catalog.pg_rewrite r
                    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
                     and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> r.ev_class
                    join pg_catalog.pg_class t on t.oid = d.refobjid
                    join pg_catalog.pg_namespace n on n.oid = t.relnamespace
                   where r.ev_class = $1::oid) as reads`,
    [relation.oid, schema],
  );
  if (row === undefined) return null;
  const [first, ...others] = row.reads;
  const reads = others.length > 0 || first === undefined || first === '' ? null : first;
  return { definition: row.definition, serverMajor: row.major, reads, owned: relation.owned };
}

/** For a view that a person altered: how to put it right. */
export function moved(schema: string, index: string, what: string, generation: string | null): RefusedError {
  const view = quoteRelation({ schema, name: index });
  const restore =
    generation === null ? '' : ` To restore it: drop view if exists ${view}; ${viewSql(schema, index, generation)};`;
  return new RefusedError('sink-moved', `The view ${view} ${what}. Nobody but Reindeer should move it.${restore}`);
}
