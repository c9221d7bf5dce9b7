import { asRecord } from './asRecord.ts';

export type Path = readonly PropertyKey[];

/** `indexes.cities.rebuild.cron`, `dashboard.users[0].name`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/**
 * A configuration as it was written, for the rules across keys: whatever else is wrong with it. Places that are known to
 * be wrong read as undefined, so that nothing is told twice, and nothing is left for the next attempt.
 */
export class Draft {
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  readonly #root: unknown;
  readonly #wrong: readonly Path[];

  constructor(root: unknown, wrong: readonly Path[]) {
    this.#root = root;
    this.#wrong = wrong;
  }

  /** Undefined where nothing is, and where something is wrong at the place or around it. */
  get(...path: Path): unknown {
    return this.#wrong.some((one) => one.every((part, at) => path[at] === part)) ? undefined : this.#at(path);
  }

  text(...path: Path): string | undefined {
    const value = this.get(...path);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Whether something stands there, right or wrong. */
  has(...path: Path): boolean {
    return this.#at(path) !== undefined;
  }

  /** null where there is no object that is right in itself. */
  keys(...path: Path): readonly string[] | null {
    const record = asRecord(this.get(...path));
    return record === null ? null : Object.keys(record);
  }

  problem(path: Path, message: string): void {
    this.problems.push(`${pathText(path)}: ${message}`);
  }

  warn(path: Path, message: string): void {
    this.warnings.push(`${pathText(path)}: ${message}`);
  }

  #at(path: Path): unknown {
    let value = this.#root;
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
      value = (value as Record<PropertyKey, unknown>)[part];
    }
    return value;
  }
}
