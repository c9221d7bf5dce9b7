import { type LoadedConfig, loadConfig } from '@reindeer/config';
import { findEmbeddedFor } from './embeddedServer.ts';
import { readLocalSettings, withLocalSettings, withUrls } from './localSettings.ts';

/**
 * The configuration as this process is to use it: with the settings of the `dev` or `demo` that started it, or, in
 * another terminal beside one, with the urls of its embedded server.
 */
export async function loadSetup(path: string | undefined): Promise<LoadedConfig> {
  const loaded = await loadConfig(path === undefined ? {} : { path });
  const local = readLocalSettings(process.env);
  if (local !== null) return { ...loaded, config: withLocalSettings(loaded.config, local) };
  const running = await findEmbeddedFor(loaded.config);
  return running === null ? loaded : { ...loaded, config: withUrls(loaded.config, running) };
}
