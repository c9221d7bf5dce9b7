import { InputError, type Key, type KeyRange } from '@reindeer/core';
import { failureKind, messageOf } from '../postgres/failure.ts';
import { runStatement } from '../postgres/statement.ts';
import type { SourceContext } from './context.ts';
import { asKey } from './keySql.ts';
import { type Layout, loadLayout } from './layout.ts';

const COMPARE_TIMEOUT_MS = 10_000;

/** The later beginning and the earlier end, as the database orders them (I10). */
export async function intersect(
  context: SourceContext,
  a: KeyRange,
  b: KeyRange,
  signal: AbortSignal,
): Promise<KeyRange | null> {
  const layout = await loadLayout(context, signal);
  const less = (left: Key, right: Key) => isLess(context, layout, left, right, signal);
  const later = async (left: Key | null, right: Key | null) =>
    left === null || right === null ? (left ?? right) : (await less(left, right)) ? right : left;
  const earlier = async (left: Key | null, right: Key | null) =>
    left === null || right === null ? (left ?? right) : (await less(left, right)) ? left : right;
  const after = await later(a.after, b.after);
  const upTo = await earlier(a.upTo, b.upTo);
  if (after !== null && upTo !== null && !(await less(after, upTo))) return null;
  return { after, upTo };
}

async function isLess(
  context: SourceContext,
  layout: Layout,
  left: Key,
  right: Key,
  signal: AbortSignal,
): Promise<boolean> {
  for (const key of [left, right]) {
    if (key.length === layout.key.length) continue;
    throw badKey(
      key,
      `it has ${key.length} values, and the key of ${context.index} has ${layout.key.length} (${layout.key.map((column) => column.name).join(', ')})`,
    );
  }
  const side = (offset: number) =>
    layout.key.map((column, place) => asKey(column, `$${offset + place + 1}`)).join(', ');
  try {
    const answer = await runStatement(
      context.pool,
      {
        text: `select row(${side(0)}) < row(${side(layout.key.length)})`,
        values: [...left, ...right],
        timeoutMs: COMPARE_TIMEOUT_MS,
      },
      signal,
    );
    return answer.rows[0]?.[0] === 't';
  } catch (error) {
    if (failureKind(error) !== 'data') throw error;
    throw badKey([...left, ...right], messageOf(error));
  }
}

function badKey(key: Key, why: string): InputError {
  return new InputError(
    'bad-key',
    `The key ${JSON.stringify(key)} cannot be compared: ${why}. Give a key as JSON, such as '42' or '["t1","42"]'.`,
  );
}
