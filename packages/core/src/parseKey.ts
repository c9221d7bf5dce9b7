import type { Key } from './key.ts';

/**
 * A key as people write it, in JSON: `"abc"`, `42`, `["t1","42"]`. Digits are taken as they stand, never through a
 * JavaScript number (I10). null when the text is nothing of the kind.
 */
export function parseKey(json: string): Key | null {
  let value: unknown;
  try {
    value = JSON.parse(json, keepDigits as (key: string, value: unknown) => unknown);
  } catch {
    return null;
  }
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (parts.length === 0) return null;
  const texts = parts.filter((part) => typeof part === 'string');
  return texts.length === parts.length ? texts : null;
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' ? context.source : value;
}
