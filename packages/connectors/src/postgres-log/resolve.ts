import { InputError, type Key } from '@reindeer/core';
import { failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import { placeOf } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import { asKey, keyText } from '../postgres-source/keySql.ts';
import { type Layout, loadLayout } from '../postgres-source/layout.ts';
import type { Dependency, ReadPace, TouchedKeys } from '../source.ts';
import type { LogContext } from './logContext.ts';

/**
 * The index's keys that each of these rows of a dependency touches: one row of it may touch a million, so they come in
 * pages by key order. Its query is run as it is written, once for each row and page, with the row's key as parameters; for a
 * row whose values it stumbles over, the next one is asked.
 */
export async function* resolveKeys(
  context: LogContext,
  name: string,
  keys: readonly Key[],
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<TouchedKeys, void, undefined> {
  signal.throwIfAborted();
  const { source } = context;
  const dependency = context.dependencies.find((one) => one.name === name);
  if (dependency === undefined)
    throw new InputError('dependency-unknown', `Index ${source.index} has no dependency "${name}".`);
  const layout = await explained(source, signal, () => loadLayout(source, signal));
  for (const key of keys) {
    for (let after: Key | null = null; ; ) {
      const from: Key | null = after;
      const limit = Math.max(1, Math.floor(pace.maxDocuments()));
      const found: readonly Key[] | string = await explained(source, signal, () =>
        resolvePage(context, layout, dependency, key, from, limit, pace.timeoutMs, signal),
      );
      if (typeof found === 'string') {
        yield { keys: [], unresolved: found };
        break;
      }
      if (found.length > 0) yield { keys: found, unresolved: null };
      after = found.at(-1) ?? null;
      if (found.length < limit) break;
    }
  }
}

/** A text where the query fails for the values of this one row. */
async function resolvePage(
  { source }: LogContext,
  layout: Layout,
  dependency: Dependency,
  key: Key,
  after: Key | null,
  limit: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Key[] | string> {
  const text = resolveSql(layout, dependency, after !== null, limit);
  try {
    const { rows } = await runStatement(source.pool, { text, values: [...key, ...(after ?? [])], timeoutMs }, signal);
    return rows.map((row) => row.map((value) => value ?? ''));
  } catch (error) {
    const place = `${placeOf(source, 'changes')}: the query for the keys that a row of dependency "${dependency.name}" touches`;
    if (!signal.aborted && failureKind(error) === 'data') {
      return `${place} fails for the row ${JSON.stringify(key)}: ${messageOf(error)}`;
    }
    if (!isOfTheQuery(error)) throw error;
    throw new InputError(
      'dependency-invalid',
      `${place} is not taken: ${messageOf(error)}. It must give ${layout.key.map((column) => column.name).join(', ')}, and use each of $1${key.length > 1 ? ` to $${key.length}` : ''}.`,
      { cause: error },
    );
  }
}

/** Whether the query is at fault. One that leaves a parameter out is refused as if the connection were broken. */
export function isOfTheQuery(error: unknown): boolean {
  if (sqlState(error) === PROTOCOL_VIOLATION) return messageOf(error).startsWith('bind message supplies');
  return failureKind(error) === 'statement' || failureKind(error) === 'data';
}

const PROTOCOL_VIOLATION = '08P01';

/** The keys that one row of the dependency touches: its key is $1, $2…, and the key to go on after the parameters behind. */
export function resolveSql(layout: Layout, dependency: Dependency, isAfter: boolean, limit: number): string {
  const given = layout.key.map((_, place) => `o${place}`);
  const typed = layout.key.map((column, place) => `${asKey(column, `q.o${place}`)} as o${place}`);
  const texts = layout.key.map((column, place) => keyText(column, `k.o${place}`));
  const order = given.map((column) => `k.${column}`).join(', ');
  const bounds = layout.key.map((column, place) => asKey(column, `$${dependency.key.length + place + 1}`)).join(', ');
  const query = dependency.keys.replace(/[\s;]+$/, '');
  return `select ${texts.join(', ')}
  from (select distinct ${typed.join(', ')} from (\n${query}\n) as q (${given.join(', ')})) as k
 where ${given.map((column) => `k.${column} is not null`).join(' and ')}${!isAfter ? '' : ` and (${order}) > (${bounds})`}
 order by ${order} limit ${limit}`;
}
