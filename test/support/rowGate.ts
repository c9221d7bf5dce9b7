import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Holds rows back in the transform of the processes that are started with its `env`: so a run stands in its middle. */
export interface RowGate {
  readonly env: Readonly<Record<string, string>>;
  shut(): void;
  open(): void;
}

export function rowGate(directory: string, name = 'gate'): RowGate {
  const file = path.join(directory, name);
  return {
    env: { ROW_GATE: file },
    shut: () => writeFileSync(file, ''),
    open: () => rmSync(file, { force: true }),
  };
}

/** The text of a transform for a configuration: rows of which `held` is true wait at the gate, and become `made`. */
export function gated(held: string, made = 'row'): string {
  return `async (row) => {
    const { existsSync } = await import('node:fs');
    while ((${held}) && existsSync(process.env.ROW_GATE ?? '')) await new Promise((go) => setTimeout(go, 20));
    return ${made};
  }`;
}
