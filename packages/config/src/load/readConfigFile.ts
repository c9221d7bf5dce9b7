import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '@reindeer/core';
import { parse as parseYaml } from 'yaml';

export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (ending) => `reindeer.config.${ending}`,
);

/** The configuration file: the one given, or the first found from `cwd` upwards. @throws InputError `config-not-found`. */
export async function findConfigFile(cwd: string, path?: string): Promise<string> {
  if (path !== undefined) {
    const given = resolve(cwd, path);
    if (await exists(given)) return given;
    throw new InputError('config-not-found', `--config ${path}: there is no such file.`);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    for (const name of CONFIG_NAMES) if (await exists(join(folder, name))) return join(folder, name);
    if (folder === dirname(folder)) break;
  }
  throw new InputError(
    'config-not-found',
    `No ${CONFIG_NAMES[0]} (or .mts, .js, .mjs, .json, .yaml) in ${resolve(cwd)} or above. Write one with \`reindeer init\`, or name one with --config.`,
  );
}

/** What the file says, before anything is checked. @throws InputError `config-unreadable`, with the cause. */
export async function readConfigFile(path: string): Promise<unknown> {
  try {
    switch (extname(path)) {
      case '.json':
        return JSON.parse(await readFile(path, 'utf8'));
      case '.yaml':
      case '.yml':
        return parseYaml(await readFile(path, 'utf8'));
      default:
        return await importDefault(path);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new InputError('config-unreadable', `${path} cannot be read: ${problem}`, { cause: error });
  }
}

/** A module's default export. A file that changed is loaded again, not taken from the cache. */
export async function importDefault(path: string): Promise<unknown> {
  const { mtimeMs } = await stat(path);
  const module = (await import(`${pathToFileURL(path).href}?at=${mtimeMs}`)) as Record<string, unknown>;
  if (!('default' in module))
    throw new InputError('config-unreadable', `${path} has no default export. Write \`export default …\`.`);
  return module.default;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
