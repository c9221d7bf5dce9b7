import type { Config } from './schema/configSchema.ts';

/** Gives a configuration its types; the object comes back as it is. */
export function defineConfig(config: Config): Config {
  return config;
}
