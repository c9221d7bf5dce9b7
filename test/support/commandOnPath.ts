import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The first program of this name on PATH; null when there is none. */
export function commandOnPath(name: string): string | null {
  for (const directory of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}
