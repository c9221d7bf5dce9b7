import { createHash } from 'node:crypto';
import { InputError } from '@reindeer/core';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import { type LayoutKey, loadLayout } from '../postgres-source/layout.ts';
import type { Dependency } from '../source.ts';

/** A table whose changes are logged by the values of some of its columns. */
export interface FollowedTable {
  readonly table: { readonly schema: string; readonly name: string };
  readonly key: readonly string[];
  /**
   * The log's number: of table and key columns, so that indexes which follow the same share one set of triggers; and of
   * the schema that it is in, so that two deployments on one table have each their own.
   */
  readonly log: string;
  /** null: the index's own table. */
  readonly dependency: string | null;
}

/** The same with what installing it needs to know of the table as it is now. */
export interface FollowedLayout extends FollowedTable {
  readonly columns: readonly FollowedColumn[];
  /**
   * `statement`: a plain table, whose triggers see all rows of a statement at once. `row`: partitions and children,
   * where only row triggers fire whichever table the statement names.
   */
  readonly mode: 'statement' | 'row';
  /** Partitions and children of all levels. */
  readonly members: readonly FollowedMember[];
}

export interface FollowedColumn extends LayoutKey {
  /** The column's own type (`type` is what a domain stands for), with every name in it qualified that can be. */
  readonly declared: string;
}

export interface FollowedMember {
  readonly schema: string;
  readonly name: string;
  readonly isPartition: boolean;
}

const CATALOG_TIMEOUT_MS = 30_000;

/** The index's own table, where it has one, and its dependencies'. */
export function followedTables(
  context: SourceContext,
  dependencies: readonly Dependency[],
  schema: string,
): FollowedTable[] {
  const { table, key } = context.definition;
  const own = table === null ? [] : [followed(schema, table, key, null)];
  return [
    ...own,
    ...dependencies.map((dependency) => followed(schema, dependency.table, dependency.key, dependency.name)),
  ];
}

/** In an order of their own, whatever a configuration's is: a place among them is part of a cursor. */
export function inOrder(tables: readonly FollowedTable[]): readonly FollowedTable[] {
  return tables.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function textOf({ log, dependency }: FollowedTable): string {
  return `${log} ${dependency ?? ''}`;
}

/**
 * Which tables are followed, and what their keys mean to the index: of a pass by another configuration nobody knows what
 * it has given.
 */
export function followedText(tables: readonly FollowedTable[], dependencies: readonly Dependency[]): string {
  const parts = tables.map((table) => [
    textOf(table),
    dependencies.find(({ name }) => name === table.dependency)?.keys ?? null,
  ]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function followed(
  schema: string,
  table: FollowedTable['table'],
  key: readonly string[],
  dependency: string | null,
): FollowedTable {
  const name = `${quoteIdentifier(schema)}: ${quoteRelation(table)} (${key.map(quoteIdentifier).join(', ')})`;
  const log = createHash('sha256').update(name).digest().readBigUInt64BE(0) >> 1n;
  return { table, key, log: log.toString(), dependency };
}

/** @throws InputError when triggers cannot see every change of the table */
export async function loadFollowed(
  index: SourceContext,
  table: FollowedTable,
  signal: AbortSignal,
): Promise<FollowedLayout> {
  // What is wrong with a dependency's table is told of it, and not of the index's own.
  const context: SourceContext = {
    ...index,
    dependency: table.dependency,
    definition: {
      ...index.definition,
      ...{ table: table.table, query: null, key: table.key, columns: null, where: null, deleted: null },
    },
  };
  return await explained(context, signal, () => load(context, table, signal));
}

async function load(context: SourceContext, table: FollowedTable, signal: AbortSignal): Promise<FollowedLayout> {
  const layout = await loadLayout(context, signal);
  const relation = await loadRelation(context, table, signal);
  const declared = await loadDeclared(context, table, signal);
  return {
    ...table,
    columns: layout.key.map((column) => ({ ...column, declared: declared.get(column.name) ?? column.type })),
    mode: relation.stands ? 'statement' : 'row',
    members: await loadMembers(context, table, signal),
  };
}

async function loadRelation(
  context: SourceContext,
  { table }: FollowedTable,
  signal: AbortSignal,
): Promise<{ stands: boolean }> {
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select c.relkind, c.relpersistence, not exists (select from pg_catalog.pg_inherits as i where c.oid in (i.inhrelid, i.inhparent))
               from pg_catalog.pg_class as c where c.oid = to_regclass($1)`,
      values: [quoteRelation(table)],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const [kind, persistence, stands] = rows[0] ?? [];
  if (kind !== 'r' && kind !== 'p') {
    throw new InputError(
      'log-not-a-table',
      `${placeOf(context, 'changes')}: "${table.schema}.${table.name}" is no table of this server, so no trigger sees its changes. Follow the tables that it is made of as dependencies, or leave \`changes\` out.`,
    );
  }
  if (persistence !== 'p') {
    throw new InputError(
      'log-unlogged',
      `${placeOf(context, 'changes')}: "${table.schema}.${table.name}" is unlogged or temporary: a crash empties it, and no trigger sees that. ALTER TABLE ${quoteRelation(table)} SET LOGGED; or leave \`changes\` out.`,
    );
  }
  return { stands: kind === 'r' && stands === 't' };
}

async function loadDeclared(
  context: SourceContext,
  { table, key }: FollowedTable,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { rows } = await runStatement(
    context.pool,
    {
      // As the trigger function's own search_path prints it: every name outside pg_catalog with its schema.
      text: `select a.attname, case when n.nspname = 'pg_catalog' then format_type(t.oid, null)
                                    when e.oid is not null then format('%I.%I[]', n.nspname, e.typname)
                                    else format('%I.%I', n.nspname, t.typname) end, a.attgenerated
               from pg_catalog.pg_attribute as a
               join pg_catalog.pg_type as t on t.oid = a.atttypid
               join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
               left join pg_catalog.pg_type as e on e.oid = t.typelem and t.typcategory = 'A'
              where a.attrelid = to_regclass($1) and a.attname = any($2::name[]) and not a.attisdropped`,
      values: [quoteRelation(table), [...key]],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  for (const [name, , generated] of rows) {
    if (generated !== 'v') continue;
    throw new InputError(
      'log-virtual-key',
      `${placeOf(context, 'key')}: "${name}" of "${table.schema}.${table.name}" is a virtual generated column, which has no value in a trigger. Make it STORED, or choose another key column.`,
    );
  }
  return new Map(rows.map(([name, type]) => [name ?? '', type ?? '']));
}

async function loadMembers(
  context: SourceContext,
  { table }: FollowedTable,
  signal: AbortSignal,
): Promise<FollowedMember[]> {
  const { rows } = await runStatement(
    context.pool,
    {
      text: `with recursive member (oid) as (
               select inhrelid from pg_catalog.pg_inherits where inhparent = to_regclass($1)
               union select i.inhrelid from pg_catalog.pg_inherits as i join member as m on i.inhparent = m.oid)
             select n.nspname, c.relname, c.relispartition, c.relkind
               from member as m join pg_catalog.pg_class as c on c.oid = m.oid
               join pg_catalog.pg_namespace as n on n.oid = c.relnamespace order by 1, 2`,
      values: [quoteRelation(table)],
      timeoutMs: CATALOG_TIMEOUT_MS,
    },
    signal,
  );
  const foreign = rows.find((row) => row[3] === 'f');
  if (foreign !== undefined) {
    throw new InputError(
      'log-not-a-table',
      `${placeOf(context, 'changes')}: "${foreign[0]}.${foreign[1]}" is a foreign table, whose changes on its own server no trigger sees. Leave \`changes\` out.`,
    );
  }
  return rows.map(([schema, name, isPartition]) => ({
    schema: schema ?? '',
    name: name ?? '',
    isPartition: isPartition === 't',
  }));
}
