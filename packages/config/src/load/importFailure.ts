import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { InputError } from '@reindeer/core';

const REMEDIES: Readonly<Record<string, string>> = {
  ERR_MODULE_NOT_FOUND: ' Install the package, or correct the path; it needs the ending of the file.',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    ' Types are only taken away here: write it without enum, namespace and parameter properties.',
};

/**
 * A module that could not be imported, with the place where it is known. The error behind it is not handed on as the
 * cause: its stack shows lines of the file, and a line may hold a secret.
 */
export function importFailure(file: string, text: string, error: unknown): InputError {
  const { name, message, code } = describe(error);
  const place = placeOf(error) ?? (error instanceof SyntaxError ? placeOf(syntaxError(text)) : null);
  const at =
    place === null || place.file === null ? `${file}${place === null ? '' : place.line}` : `${place.file}${place.line}`;
  // A syntax error names the words it stumbled over, and they may be half of a password.
  const what =
    error instanceof SyntaxError && !/export named|provide an export/.test(message)
      ? message.replace(/,? ?'[^']*'|"[^"]*"/g, '')
      : message;
  return new InputError('config-unreadable', `${at} cannot be read: ${name}: ${what}.${REMEDIES[code] ?? ''}`);
}

function describe(error: unknown): { readonly name: string; readonly message: string; readonly code: string } {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error), code: '' };
  const { code } = error as { code?: unknown };
  // A missing module of another name than a path: without the importing file, which is told already.
  const message = error.message
    .replace(/\?sha256=[0-9a-f]+/g, '')
    .replace(/ imported from [\s\S]*$/, '')
    .replace(/\.$/, '');
  return { name: error.name, message, code: typeof code === 'string' ? code : '' };
}

/** The first place outside Node in the stack; `file` is null for a text that has none. */
function placeOf(error: unknown): { readonly file: string | null; readonly line: string } | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const head = /^(?:(file:\/\/[^\s?]+)(?:\?\S*?)?|(\/\S+))?:(\d+)\n/.exec(stack);
  if (head !== null)
    return { file: head[1] === undefined ? (head[2] ?? null) : fileURLToPath(head[1]), line: `:${head[3]}` };
  const frame = /\n\s+at (?:.*\()?(file:\/\/[^\s?)]+)(?:\?[^\s:)]*)?:(\d+):(\d+)\)?/.exec(stack);
  if (frame === null || frame[1] === undefined || error instanceof SyntaxError || hasNoPlace(error)) return null;
  return { file: fileURLToPath(frame[1]), line: `:${frame[2]}:${frame[3]}` };
}

/** Resolution fails before the module runs: the stack shows who asked for the import. */
function hasNoPlace(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
}

/** V8 keeps the line of a syntax error in a module to itself; Node's own parser tells it. */
function syntaxError(text: string): unknown {
  try {
    stripTypeScriptTypes(text);
    return null;
  } catch (error) {
    return error;
  }
}
