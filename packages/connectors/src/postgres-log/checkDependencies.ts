import { InputError } from '@reindeer/core';
import { messageOf } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf, type SourceContext } from '../postgres-source/context.ts';
import { type Layout, loadLayout } from '../postgres-source/layout.ts';
import type { Dependency } from '../source.ts';
import type { LogTarget } from './logTarget.ts';
import { isOfTheQuery, resolveSql } from './resolve.ts';

const CHECK_TIMEOUT_MS = 30_000;

/**
 * Whether each dependency's query gives the index's key, asked with keys that no row has. Its table and key columns are
 * checked by whoever inspects the log. @throws InputError `dependency-invalid`
 */
export async function checkDependencies(target: LogTarget, signal: AbortSignal): Promise<readonly string[]> {
  const { context } = target;
  if (target.dependencies.length === 0) return [];
  const layout = await loadLayout(context, signal);
  const warnings: string[] = [];
  for (const dependency of target.dependencies)
    warnings.push(...(await checkQuery(context, layout, dependency, signal)));
  return warnings;
}

async function checkQuery(
  context: SourceContext,
  layout: Layout,
  dependency: Dependency,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const place = placeOf({ ...context, dependency: dependency.name }, 'key').replace(/key$/, 'keys');
  const names = layout.key.map(({ name }) => name).join(', ');
  const values = dependency.key.map(() => null);
  const ask = async (text: string) =>
    await runStatement(context.pool, { text, values, timeoutMs: CHECK_TIMEOUT_MS }, signal);
  try {
    const { fields } = await ask(`select * from (\n${dependency.keys.replace(/[\s;]+$/, '')}\n) as q limit 0`);
    if (fields.length !== layout.key.length) {
      throw new InputError(
        'dependency-invalid',
        `${place}: it gives ${fields.length} columns, and the index's key has ${layout.key.length}: ${names}. Select these, in this order.`,
      );
    }
    await ask(resolveSql(layout, dependency, false, 0));
    const { rows } = await runStatement(
      context.pool,
      {
        text: `select format_type(u.oid, u.modifier) from unnest($1::oid[], $2::int[]) with ordinality as u (oid, modifier, place) order by u.place`,
        values: [fields.map((field) => field.dataTypeID), fields.map((field) => field.dataTypeModifier)],
        timeoutMs: CHECK_TIMEOUT_MS,
      },
      signal,
    );
    return layout.key.flatMap(({ name, type }, at) => {
      const given = rows[at]?.[0] ?? '';
      return given === type
        ? []
        : [`${place}: it gives ${given} for "${name}", which is ${type}: each key is cast. Select it as ${type}.`];
    });
  } catch (error) {
    if (signal.aborted || !isOfTheQuery(error)) throw error;
    throw new InputError(
      'dependency-invalid',
      `${place}: the server does not take it: ${messageOf(error)}. It must give ${names}, and use each of $1${dependency.key.length > 1 ? ` to $${dependency.key.length}` : ''}.`,
      { cause: error },
    );
  }
}
