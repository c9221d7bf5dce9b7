import { InputError } from '@reindeer/core';

/** @throws InputError `config-unreadable` with line and column. JSON.parse shows a piece of the text, which may be a secret. */
export function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { place, what } = told(error instanceof Error ? error.message : '', text);
    throw new InputError('config-unreadable', `${file}${place} cannot be read: this is no JSON: ${what}.`);
  }
}

function told(message: string, text: string): { readonly place: string; readonly what: string } {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
  if (line !== undefined) return { place: `:${line}:${column}`, what: message.replace(/ in JSON at position.*$/s, '') };
  if (!message.startsWith('Unexpected token'))
    return { place: '', what: text.trim() === '' ? 'the file is empty' : 'it ends too soon' };
  const before = text.slice(0, lengthBeforeError(text));
  return { place: `:${before.split('\n').length}`, what: 'there is an unexpected token' };
}

/** V8 does not say where an unexpected token is: the shortest beginning that has it ends with it. */
function lengthBeforeError(text: string): number {
  let right = 0;
  let wrong = text.length;
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (hasUnexpectedToken(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return right;
}

function hasUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('Unexpected token');
  }
}
