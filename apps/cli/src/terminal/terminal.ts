import pc from 'picocolors';
import { printable } from './printable.ts';

export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command writes: what it was asked for on stdout, everything about it on stderr. */
export interface Terminal {
  /** Machine output was asked for: stdout holds JSON alone. */
  readonly json: boolean;
  readonly colors: Colors;
  /** A person watches: a line may be written over. */
  readonly live: boolean;
  readonly columns: () => number;
  /** How long a line may be before it wraps; no limit for a file or a pipe. */
  readonly width: () => number;
  /** A line of the answer; nothing with `json`. */
  line(text?: string): void;
  /** A line about what goes on: on stderr with `json`, else among the answer. */
  note(text: string): void;
  /** One line of JSON, the answer to `--json`; nothing without. */
  data(value: unknown): void;
  error(text: string): void;
  /** Text past all of these, as it is: for a line that is written over. */
  raw(text: string): void;
}

export function openTerminal(options: { readonly json: boolean }): Terminal {
  const { json } = options;
  const stream = json ? process.stderr : process.stdout;
  const live = stream.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  const write = (text: string) => void stream.write(text);
  return {
    json,
    live,
    // picocolors looks at the process; a pipe gets none, whatever stderr is.
    colors: pc.createColors(pc.isColorSupported && (stream.isTTY === true || process.env.FORCE_COLOR !== undefined)),
    columns: () => stream.columns ?? 80,
    width: () => (stream.isTTY === true ? stream.columns : Number.POSITIVE_INFINITY),
    line: (text = '') => {
      if (!json) write(`${printable(text)}\n`);
    },
    note: (text) => write(`${printable(text)}\n`),
    data: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    error: (text) => void process.stderr.write(`${printable(text)}\n`),
    raw: write,
  };
}
