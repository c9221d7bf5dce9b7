import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { InputError } from '@reindeer/core';
import { asRecord } from './asRecord.ts';
import { importModule } from './importModule.ts';
import { parseJson } from './parseJson.ts';
import { parseYaml } from './parseYaml.ts';

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

/**
 * What the file says, before anything is checked.
 * @throws InputError `config-unreadable`, with line and cause where they are known. Never shows the text: it may hold a secret.
 */
export async function readConfigFile(path: string): Promise<unknown> {
  switch (extname(path)) {
    case '.json':
      return withoutSchema(parseJson(path, await readText(path)));
    case '.yaml':
    case '.yml':
      return parseYaml(path, await readText(path));
    default: {
      const { exports } = await importModule(path);
      if ('default' in exports) return exports.default;
      throw new InputError('config-unreadable', `${path} has no default export. Write \`export default …\`.`);
    }
  }
}

/** `$schema` is for editors. */
function withoutSchema(value: unknown): unknown {
  const record = asRecord(value);
  if (record === null) return value;
  const { $schema: _, ...rest } = record;
  return rest;
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new InputError('config-unreadable', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
