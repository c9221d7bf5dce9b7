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
  // `Unexpected token 'x', ..."text around it"... is not valid JSON`: up to ten letters before and after.
  const [, before, around, after] =
    /^Unexpected token .*?, (\.\.\.)?"(.*)"(\.\.\.)? is not valid JSON$/s.exec(message) ?? [];
  if (around === undefined) return { place: '', what: text.trim() === '' ? 'the file is empty' : 'it ends too soon' };
  const offset = before !== undefined || after !== undefined ? text.indexOf(around) : 0;
  if (offset < 0) return { place: '', what: 'there is an unexpected token' };
  const until = text.slice(0, before === undefined ? offset : offset + 10);
  return {
    place:
      before === undefined && !text.slice(0, offset + around.length).includes('\n')
        ? ':1'
        : `:${until.split('\n').length}`,
    what: 'there is an unexpected token',
  };
}
