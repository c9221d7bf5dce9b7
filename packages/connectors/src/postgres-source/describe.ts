import { InputError } from '@reindeer/core';
import { connect } from '../postgres/connect.ts';
import { failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { backendPid } from '../postgres/pool.ts';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import type { SourceDescription } from '../source.ts';
import { placeOf, type SourceContext } from './context.ts';
import { EXACT_COUNT_COST, estimateRows } from './estimate.ts';
import { sourceIdentity } from './identity.ts';
import { keyColumns } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';
import { planCost } from './planCost.ts';
import { hintOf } from './problem.ts';
import { everyRow, liveRows } from './relation.ts';
import { checkUniqueness } from './uniqueness.ts';

const OLDEST_SERVER = 130_000;
const CHECK_TIMEOUT_MS = 30_000;

/** Everything that would make a read wrong or impossible is found here, before anything is built. */
export async function describeTable(context: SourceContext, signal: AbortSignal): Promise<SourceDescription> {
  await checkVersion(context, signal);
  const layout = await loadLayout(context, signal);
  checkCollations(context, layout);
  checkTexts(context, layout);
  await checkOrder(context, layout, signal);
  await checkWhere(context, layout, signal);
  const alias = quoteIdentifier(layout.alias);
  const scan = `select ${keyColumns(layout).join(', ')} from ${everyRow(context.definition)} as ${alias}`;
  const isSmall = (await planCost(context, scan, [], signal)).cost <= EXACT_COUNT_COST;
  const warnings = [
    ...(await poolerWarning(context, signal)),
    ...(await rowSecurityWarning(context, signal)),
    ...(await checkUniqueness(context, layout, isSmall, signal)),
  ];
  return {
    key: layout.key.map(({ name, type, collation }) => ({ name, type, collation })),
    columns: layout.columns,
    ...(await estimateRows(context, layout, signal)),
    identity: await sourceIdentity(context, signal),
    warnings,
  };
}

async function checkVersion(context: SourceContext, signal: AbortSignal): Promise<void> {
  const text = `select current_setting('server_version_num'), current_setting('server_version')`;
  const { rows } = await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  const [number, name] = rows[0] ?? [];
  if (Number(number) >= OLDEST_SERVER) return;
  throw new InputError(
    'server-too-old',
    `connections.${context.connection}.url: the server is PostgreSQL ${name}, and 13 or newer is needed. Upgrade it, or read from a newer logical replica.`,
  );
}

function checkCollations(context: SourceContext, layout: Layout): void {
  for (const column of layout.key) {
    if (column.isDeterministic) continue;
    throw new InputError(
      'collation-nondeterministic',
      `${placeOf(context, 'key')}: "${column.name}" has the collation ${column.collation}, which is not deterministic: texts that differ count as equal, so a key is not one document. Choose another key column, or use a query that gives it as "${column.name} collate "C" as ${column.name}".`,
    );
  }
}

/** The text of a `regclass` and its like has a schema or not, by who asks: no two sessions need to agree on a document's id. */
function checkTexts(context: SourceContext, layout: Layout): void {
  for (const { name, type } of layout.key) {
    if (!/^reg[a-z]+(\[\])?$/.test(type)) continue;
    throw new InputError(
      'key-by-search-path',
      `${placeOf(context, 'key')}: "${name}" is of type ${type}, whose text depends on the session's search_path and changes with a name, so it is no lasting id. Choose another key column, or use a query that gives it as "${name}::oid as ${name}".`,
    );
  }
}

async function checkOrder(context: SourceContext, layout: Layout, signal: AbortSignal): Promise<void> {
  for (const [place, column] of keyColumns(layout).entries()) {
    const text = `select 1 from ${everyRow(context.definition)} as ${quoteIdentifier(layout.alias)} order by ${column} limit 0`;
    try {
      await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
    } catch (error) {
      if (sqlState(error) !== '42883' || signal.aborted) throw error;
      const { name, type } = layout.key[place] ?? { name: '', type: '' };
      throw new InputError(
        'key-not-ordered',
        `${placeOf(context, 'key')}: "${name}" is of type ${type}, which has no order. Choose a column with a btree order (numbers, texts, dates, uuid…).`,
        { cause: error },
      );
    }
  }
}

async function checkWhere(context: SourceContext, layout: Layout, signal: AbortSignal): Promise<void> {
  const { definition } = context;
  if (definition.where === null) return;
  const text = `select 1 from ${liveRows(definition, layout.deletedIsBoolean)} as ${quoteIdentifier(layout.alias)} limit 0`;
  try {
    await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  } catch (error) {
    const kind = failureKind(error);
    if (signal.aborted || (kind !== 'statement' && kind !== 'data')) throw error;
    throw new InputError(
      'where-invalid',
      `${placeOf(context, 'where')}: ${JSON.stringify(definition.where)} is no condition that the server takes: ${messageOf(error)}.${hintOf(error)} Write what may stand after WHERE in SQL.`,
      { cause: error },
    );
  }
}

/** Which rows a policy hides may depend on anything, and change without any of them changing. */
async function rowSecurityWarning(context: SourceContext, signal: AbortSignal): Promise<string[]> {
  const { table } = context.definition;
  if (table === null) return [];
  const text = 'select row_security_active($1::text), current_user';
  const values = [quoteRelation(table)];
  const { rows } = await runStatement(context.pool, { text, values, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  const [isActive, user] = rows[0] ?? [];
  if (isActive !== 't') return [];
  const [role, relation] = [quoteIdentifier(user ?? ''), quoteRelation(table)];
  return [
    `${placeOf(context, 'table')}: row level security applies to ${role}: rows that its policies hide are not in the index, and are removed from it where a policy comes to hide them. To index all rows, run as a superuser: ALTER ROLE ${role} BYPASSRLS; or as the table's owner: CREATE POLICY reindeer ON ${relation} FOR SELECT TO ${role} USING (true);`,
  ];
}

async function poolerWarning(context: SourceContext, signal: AbortSignal): Promise<string[]> {
  const client = await connect(context.pool, signal);
  try {
    const { processID } = client as unknown as { processID: number | null };
    if (processID === null || processID === backendPid(client)) return [];
  } finally {
    client.release();
  }
  return [
    `connections.${context.connection}.url: a connection pooler stands before the server. It must be in session mode: in transaction mode the settings that keep keys exact (time zone, date style) are lost.`,
  ];
}
