import pg from 'pg';

/** A table that can be a source: it has a primary key. */
export interface SourceTable {
  readonly schema: string;
  readonly name: string;
  readonly key: readonly string[];
  /** By the statistics; 0 for one that was never analysed. */
  readonly rows: number;
}

export interface Introspection {
  readonly tables: readonly SourceTable[];
  /** Tables without a primary key, as `schema.name`. */
  readonly withoutKey: readonly string[];
}

const LIMIT_MS = 15_000;

/** The tables of a database, the largest first. */
export async function introspect(url: string): Promise<Introspection> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LIMIT_MS,
    statement_timeout: LIMIT_MS,
    application_name: 'reindeer-init',
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; name: string; key: string[] | null; rows: number }>(`
      select n.nspname as schema, c.relname as name, greatest(c.reltuples, 0)::float8 as rows,
             (select array_agg(a.attname::text order by k.place)
                from pg_index i
                join unnest(i.indkey::int2[]) with ordinality k (attnum, place) on true
                join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
               where i.indrelid = c.oid and i.indisprimary) as key
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and not c.relispartition
         and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast|^pg_temp'
         and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
         and has_table_privilege(c.oid, 'select')
       order by c.reltuples desc, n.nspname, c.relname`);
    return {
      tables: rows.flatMap(({ key, ...table }) => (key === null ? [] : [{ ...table, key }])),
      withoutKey: rows.filter((table) => table.key === null).map((table) => `${table.schema}.${table.name}`),
    };
  } finally {
    await client.end();
  }
}
