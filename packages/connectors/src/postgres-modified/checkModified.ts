import { formatDuration, InputError } from '@reindeer/core';
import { quoteIdentifier, quoteRelation } from '../postgres/quote.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { EXACT_COUNT_COST } from '../postgres-source/estimate.ts';
import { explained } from '../postgres-source/explained.ts';
import { planCost } from '../postgres-source/planCost.ts';
import { everyRow } from '../postgres-source/relation.ts';
import { didYouMean } from '../postgres-source/suggest.ts';

import { takeBound } from './modifiedBound.ts';

const CHECK_TIMEOUT_MS = 30_000;
const TIMESTAMPTZ = 1184;
const TIMESTAMP = 1114;

export interface ModifiedCheck {
  /** How completely changes are found by the column: `exact`, or `lagged by 5m` and why. */
  readonly how: string;
  /** What works but loses something, each with its remedy. */
  readonly warnings: readonly string[];
}

/** Whether rows can be found by the column that says when they were modified. @throws InputError with the remedy */
export async function checkPostgresModified(
  of: Pick<SourceContext, 'pool' | 'connection' | 'index' | 'definition'>,
  signal: AbortSignal,
): Promise<ModifiedCheck> {
  const context: SourceContext = { ...of, seed: '0', exactBoundariesCost: EXACT_COUNT_COST };
  return await explained(context, signal, () => checkModified(context, signal));
}

async function checkModified(context: SourceContext, signal: AbortSignal): Promise<ModifiedCheck> {
  const { modified } = context.definition;
  if (modified === null) throw new TypeError('The source has no modified column.');
  const type = await columnType(context, modified, signal);
  if (type.oid !== TIMESTAMPTZ && type.oid !== TIMESTAMP) {
    throw new InputError(
      'modified-type',
      `${placeOf(context, 'modified')}: "${modified}" is ${type.name}, which does not say when: a number that is drawn, or a day, does not tell what is committed later. Use a timestamp with time zone that every write sets, or changes: 'log'.`,
    );
  }
  const zoned =
    type.oid === TIMESTAMPTZ
      ? []
      : [
          `${placeOf(context, 'modified')}: "${modified}" has no time zone: writers whose TimeZone is not UTC set other times, and their changes may be missed. ALTER COLUMN ${quoteIdentifier(modified)} TYPE timestamptz.`,
        ];
  const { how, warnings } = await bound(context, signal);
  return {
    how,
    warnings: [
      ...zoned,
      ...(await withoutIndex(context, modified, signal)),
      ...(await withNulls(context, modified, signal)),
      ...warnings,
    ],
  };
}

async function columnType(
  context: SourceContext,
  column: string,
  signal: AbortSignal,
): Promise<{ oid: number; name: string }> {
  const text = `select * from ${everyRow(context.definition)} as t limit 0`;
  const { fields } = await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  const field = fields.find(({ name }) => name === column);
  if (field === undefined) {
    const names = fields.map(({ name }) => name);
    throw new InputError(
      'column-unknown',
      `${placeOf(context, 'modified')}: column "${column}" is not there${didYouMean(column, names)} Its columns are: ${names.join(', ')}.`,
    );
  }
  const answer = await runStatement(
    context.pool,
    {
      text: 'select format_type($1::oid, $2::int)',
      values: [field.dataTypeID, field.dataTypeModifier],
      timeoutMs: CHECK_TIMEOUT_MS,
    },
    signal,
  );
  return { oid: field.dataTypeID, name: answer.rows[0]?.[0] ?? '' };
}

/** Every pass would read the whole table. Of a query's tables only its owner knows. */
async function withoutIndex(context: SourceContext, column: string, signal: AbortSignal): Promise<string[]> {
  const { table } = context.definition;
  if (table === null) return [];
  const { rows } = await runStatement(
    context.pool,
    {
      text: `select c.relkind, exists (
               select from pg_catalog.pg_index as i
                 join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                where i.indrelid = c.oid and i.indisvalid and i.indpred is null and a.attname = $2)
               from pg_catalog.pg_class as c where c.oid = to_regclass($1)`,
      values: [quoteRelation(table), column],
      timeoutMs: CHECK_TIMEOUT_MS,
    },
    signal,
  );
  const [kind, isIndexed] = rows[0] ?? [];
  if ((kind !== 'r' && kind !== 'p' && kind !== 'm') || isIndexed === 't') return [];
  const how = kind === 'p' ? 'create index' : 'create index concurrently';
  return [
    `${placeOf(context, 'modified')}: no index begins with "${column}", so each pass reads the whole table: ${how} on ${quoteRelation(table)} (${quoteIdentifier(column)});`,
  ];
}

async function withNulls(context: SourceContext, column: string, signal: AbortSignal): Promise<string[]> {
  const { table } = context.definition;
  const text = `select 1 from ${everyRow(context.definition)} as t where t.${quoteIdentifier(column)} is null limit 1`;
  // Where there is no such row, the whole table may be read to know.
  if ((await planCost(context, text.replace(/ limit 1$/, ''), [], signal)).cost > EXACT_COUNT_COST) return [];
  const { rows } = await runStatement(context.pool, { text, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  if (rows.length === 0) return [];
  const remedy =
    table === null
      ? 'Let every write set it.'
      : `Let every write set it, then: alter table ${quoteRelation(table)} alter column ${quoteIdentifier(column)} set not null;`;
  return [
    `${placeOf(context, 'modified')}: "${column}" is null in some rows, whose changes only a refresh finds. ${remedy}`,
  ];
}

async function bound(context: SourceContext, signal: AbortSignal): Promise<ModifiedCheck> {
  const { exactness } = await takeBound(context, signal);
  if (exactness === 'exact') return { how: 'exact', warnings: [] };
  const lagged = `lagged by ${formatDuration(exactness.lagMs)}`;
  const misses = 'what a longer transaction writes is found by a refresh alone';
  return {
    how: `${lagged}: ${exactness.because}`,
    warnings: [`${placeOf(context, 'connection')}: ${misses}, because ${exactness.because}`],
  };
}
