export * from './defineConfig.ts';
export * from './load/loadConfig.ts';
export { CONFIG_NAMES } from './load/readConfigFile.ts';
export * from './printConfig.ts';
export * from './requireUrls.ts';
export type * from './resolved.ts';
export type { Config } from './schema/configSchema.ts';
