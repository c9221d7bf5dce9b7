import type { SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { askOf, findGeneration, refresh } from './generation.ts';
import { LOADING } from './settings.ts';

/**
 * Gives back what was set aside for loading, and makes everything searchable. Replicas are asked for, not waited for: on
 * a single node they never come. What a person has changed since then stays as it is.
 */
export async function settle(server: SearchServer, generation: GenerationRef, signal: AbortSignal): Promise<void> {
  const { restored, settings } = await findGeneration(server, generation, signal);
  const loading = { ...LOADING, 'index.auto_expand_replicas': false };
  const aside = Object.entries(loading).filter(
    ([name, value]) => Object.hasOwn(restored, name) && String(settings[name]) === String(value),
  );
  const body = Object.fromEntries(aside.map(([name]) => [name, restored[name] ?? null]));
  if (aside.length > 0) await askOf(server, generation, { method: 'PUT', action: '_settings', body, signal });
  await refresh(server, generation, signal);
}
