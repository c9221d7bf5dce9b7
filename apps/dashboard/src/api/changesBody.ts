import { InputError, type Key } from '@reindeer/core';
import type { Request } from 'express';

/** Keys of one request. Whoever has more sends several, and none of them is long in the ledger. */
export const MAX_CHANGES = 10_000;
/** What so many keys may take: an id is 512 bytes at most. */
export const MAX_CHANGES_BYTES = 8_000_000;

/**
 * The keys of `POST …/changes`, each with a text for every key column.
 * @throws InputError that names the first key which is none.
 */
export function changesBody(request: Pick<Request, 'body'>, columns: readonly string[]): readonly Key[] {
  const body: unknown = request.body;
  const keys = isRecord(body) && Object.keys(body).every((name) => name === 'keys') ? body.keys : undefined;
  if (!Array.isArray(keys))
    throw new InputError('invalid-body', 'Give {"keys": […]} and nothing beside it: the keys that changed.');
  if (keys.length === 0) throw new InputError('invalid-body', 'keys: there are none. Give at least one.');
  if (keys.length > MAX_CHANGES)
    throw new InputError('invalid-body', `keys: ${keys.length} are too many. Give at most ${MAX_CHANGES} at once.`);
  return keys.map((given: unknown, at) => keyOf(given, at, columns));
}

function keyOf(given: unknown, at: number, columns: readonly string[]): Key {
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (parts.some((part) => typeof part === 'number'))
    throw wrong(at, given, `keys are texts: ${JSON.stringify(textsOf(given))}. A number loses digits on its way`);
  if (parts.length !== columns.length)
    throw wrong(
      at,
      given,
      columns.length === 1
        ? `the key is one column (${columns[0]}): give a text`
        : `the key has ${columns.length} columns: give a list of ${columns.length} texts, for ${columns.join(', ')}`,
    );
  // PostgreSQL keeps neither a NUL nor half a character in a text.
  const texts = parts.filter((part) => typeof part === 'string' && !part.includes('\0') && part.isWellFormed());
  if (texts.length !== parts.length) throw wrong(at, given, 'give texts that PostgreSQL can hold');
  return texts as string[];
}

function textsOf(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(textsOf);
  return typeof given === 'number' ? String(given) : given;
}

function wrong(at: number, given: unknown, remedy: string): InputError {
  const found = JSON.stringify(given)?.slice(0, 100) ?? 'nothing';
  return new InputError('invalid-body', `keys[${at}]: ${found} does not do; ${remedy}.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
