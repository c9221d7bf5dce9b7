import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { InputError } from '@reindeer/core';
import { importFailure } from './importFailure.ts';

const SELF = '@reindeer/config';
const SELF_URL = new URL('../index.ts', import.meta.url).href;

export interface ImportedModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** The file as it was imported. */
  readonly text: string;
}

/**
 * Imports a module as it is now: its address carries a hash of its bytes, so that a change is seen by a process that
 * has loaded it before. What it imports itself is loaded once per process. `@reindeer/config` is this very package,
 * wherever the module stands.
 * @throws InputError `config-unreadable` with file, line where it is known, and cause.
 */
export async function importModule(file: string): Promise<ImportedModule> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new InputError('config-unreadable', `${file} cannot be read: ${cause.message}`, { cause });
  });
  const sha256 = createHash('sha256').update(text).digest('hex');
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === SELF ? { url: SELF_URL, shortCircuit: true } : next(specifier, context),
  });
  try {
    const exports: Record<string, unknown> = await import(`${pathToFileURL(file).href}?sha256=${sha256}`);
    return { exports, text };
  } catch (error) {
    throw importFailure(file, text, error);
  } finally {
    hooks.deregister();
  }
}
