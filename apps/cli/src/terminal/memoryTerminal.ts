import pc from 'picocolors';
import type { Terminal } from './terminal.ts';

/** A terminal without colours that keeps what is written: for tests of what commands print. */
export function memoryTerminal(options: { readonly live?: boolean; readonly json?: boolean } = {}): {
  readonly terminal: Terminal;
  readonly written: () => string;
} {
  const { live = false, json = false } = options;
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  return {
    written: () => text,
    terminal: {
      json,
      live,
      colors: pc.createColors(false),
      columns: () => 100,
      width: () => Number.POSITIVE_INFINITY,
      line: (line = '') => (json ? undefined : write(`${line}\n`)),
      note: (line) => write(`${line}\n`),
      data: (value) => (json ? write(`${JSON.stringify(value)}\n`) : undefined),
      error: (line) => write(`${line}\n`),
      raw: write,
    },
  };
}
