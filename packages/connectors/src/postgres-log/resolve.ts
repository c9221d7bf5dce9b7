import { InputError, type Key } from '@reindeer/core';
import { failureKind, messageOf, sqlState } from '../postgres/failure.ts';
import { runForEach } from '../postgres/statement.ts';
import { placeOf } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import { asKey, keyText } from '../postgres-source/keySql.ts';
import { type Layout, loadLayout } from '../postgres-source/layout.ts';
import type { Dependency, ReadPace, TouchedPage } from '../source.ts';
import type { LogContext } from './logContext.ts';

/** More rows of a dependency are asked for at a time as long as they take no longer than this. */
const SOON_MS = 100;

/**
 * The index's keys that rows of a dependency touch. One may touch a million, and a million one each: as many are asked for
 * in a round trip as have few keys. The dependency's query is run as it is written, once for each row, with its key as
 * parameters; where a page does not hold all that it gives, on from the last. For a row whose values it stumbles over, the
 * next one is asked.
 */
export async function* resolveKeys(
  context: LogContext,
  name: string,
  rows: readonly Key[],
  after: Key | null,
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<TouchedPage, void, undefined> {
  signal.throwIfAborted();
  const { source } = context;
  const dependency = context.dependencies.find((one) => one.name === name);
  if (dependency === undefined)
    throw new InputError('dependency-unknown', `Index ${source.index} has no dependency "${name}".`);
  const layout = await explained(source, signal, () => loadLayout(source, signal));
  let width = 1;
  for (let [done, from] = [0, after]; done < rows.length; ) {
    const limit = Math.max(1, Math.floor(pace.maxDocuments()));
    const some = rows.slice(done, done + (from === null ? Math.min(width, limit) : 1));
    // Two at least: fewer than were asked for is all.
    const most = some.length === 1 ? limit : Math.max(2, Math.ceil(limit / some.length));
    const begun = { rows: some, after: from };
    const startedAt = performance.now();
    const found = await explained(source, signal, () =>
      loadTouched(context, layout, dependency, begun, most, pace.timeoutMs, signal),
    );
    if (typeof found === 'string') {
      // Of several it is not known which.
      width = 1;
      if (some.length > 1) continue;
      done += 1;
      from = null;
      yield { keys: [], done, after: from, unresolved: found };
      continue;
    }
    const soon = performance.now() - startedAt < SOON_MS;
    const full = found.findIndex((keys) => keys.length >= most);
    const given = full < 0 ? found : found.slice(0, full + 1);
    done += full < 0 ? some.length : full;
    from = full < 0 ? null : (found[full]?.at(-1) ?? null);
    width = full >= 0 ? 1 : soon ? width * 2 : Math.max(1, Math.floor(width / 2));
    yield { keys: distinct(given.flat()), done, after: from, unresolved: null };
  }
}

/** For each of the rows the keys that it touches, the first ones up to `most`; a text where the query fails for values of one. */
async function loadTouched(
  { source }: LogContext,
  layout: Layout,
  dependency: Dependency,
  { rows, after }: { readonly rows: readonly Key[]; readonly after: Key | null },
  most: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly (readonly Key[])[] | string> {
  const text = resolveSql(layout, dependency, after !== null, most);
  const sets = rows.map((key) => [...key, ...(after ?? [])]);
  try {
    const answers = await runForEach(source.pool, { text, timeoutMs }, sets, signal);
    return answers.map((answer) => answer.rows.map((row) => row.map((value) => value ?? '')));
  } catch (error) {
    const place = `${placeOf(source, 'changes')}: the query for the keys that a row of dependency "${dependency.name}" touches`;
    if (!signal.aborted && failureKind(error) === 'data') {
      return `${place} fails for the row ${JSON.stringify(rows[0])}: ${messageOf(error)}`;
    }
    if (!isOfTheQuery(error)) throw error;
    throw new InputError(
      'dependency-invalid',
      `${place} is not taken: ${messageOf(error)}. It must give ${layout.key.map((column) => column.name).join(', ')}, and use each of $1${dependency.key.length > 1 ? ` to $${dependency.key.length}` : ''}.`,
      { cause: error },
    );
  }
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
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
