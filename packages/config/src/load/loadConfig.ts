import { InputError } from '@reindeer/core';
import type { ResolvedConfig } from '../resolved.ts';
import { checkConfig } from './checkConfig.ts';
import { substitute } from './environment.ts';
import { findConfigFile, readConfigFile } from './readConfigFile.ts';
import { resolveConfig } from './resolveConfig.ts';
import { Secrets } from './secrets.ts';

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** What works, but is probably not meant. */
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  /** Absent: the first found from `cwd` upwards. */
  readonly path?: string;
  /** Default: the process's. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds, reads, fills in, checks and resolves a configuration.
 * @throws InputError `config-invalid`, listing every mistake with its path, the value and the remedy.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const secrets = new Secrets();
  secrets.learnEnvironment(options.env ?? process.env);
  try {
    return await load(options, secrets);
  } catch (error) {
    // What a module of the user throws may show anything.
    throw error instanceof InputError ? new InputError(error.code, secrets.hide(error.message)) : error;
  }
}

async function load(options: LoadOptions, secrets: Secrets): Promise<LoadedConfig> {
  const path = await findConfigFile(options.cwd ?? process.cwd(), options.path);
  const raw = await readConfigFile(path);
  const filled = substitute(raw, options.env ?? process.env);
  secrets.learn(filled.value);
  const checked = checkConfig(filled.value, filled.variables);
  const problems = [
    ...filled.problems.map((problem) => `${problem.path}: ${problem.message}.`),
    // A value that could not be filled in is not right in a second way.
    ...checked.problems.filter((line) => !filled.problems.some((problem) => line.startsWith(`${problem.path}:`))),
  ];
  if (checked.config === null || problems.length > 0) {
    const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
    throw new InputError(
      'config-invalid',
      `${path} has ${count}:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
  }
  return {
    config: await resolveConfig(checked.config, path),
    warnings: checked.warnings.map((line) => secrets.hide(line)),
  };
}
