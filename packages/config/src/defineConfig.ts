import type { Config } from './schema/index.ts';

/** Gives a configuration its types; the object comes back as it is. */
export function defineConfig(config: Config): Config {
  return config;
}
