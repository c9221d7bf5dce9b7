import { InputError } from '@reindeer/core';
import { LineCounter, parseDocument } from 'yaml';

/** @throws InputError `config-unreadable` with every mistake and its line. Without quoted pieces of the text, which may be a secret. */
export function parseYaml(file: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    // One mistake often trips the parser several times on a line.
    const byLine = new Map<number, string>();
    for (const { message, pos } of wrong) {
      const { line, col } = lines.linePos(pos[0]);
      if (!byLine.has(line)) byLine.set(line, `line ${line}, column ${col}: ${withoutText(message)}.`);
    }
    throw new InputError(
      'config-unreadable',
      `${file} cannot be read: this is no YAML:\n${[...byLine.values()].map((one) => `  - ${one}`).join('\n')}`,
    );
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(
      'config-unreadable',
      `${file} cannot be read: this is no YAML: ${withoutText((error as Error).message)}.`,
    );
  }
}

function withoutText(message: string): string {
  return message.replace(/: (?:"[\s\S]*|[^ ]+)$/, '').replace(/[.:\s]+$/, '');
}
