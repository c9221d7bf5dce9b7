import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A path inside the repository. */
export function inRepository(...parts) {
  return path.join(path.dirname(fileURLToPath(import.meta.url)), '..', ...parts);
}
