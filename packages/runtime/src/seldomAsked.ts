import { cachedReadiness, checkDependency, type ReadinessCheck } from './readiness.ts';

/** Servers of the user, which have other work: asked once in this time, however often the app is. */
const FRESH_MS = 15_000;

/** The readiness of what is asked seldom, for use among the other checks of an app. */
export function seldomAsked(
  probes: readonly { readonly name: string; readonly probe: () => Promise<unknown> }[],
): () => Promise<readonly ReadinessCheck[]> {
  const readiness = cachedReadiness(
    () => Promise.all(probes.map(({ name, probe }) => checkDependency(name, probe))),
    FRESH_MS,
  );
  return async () => (await readiness()).checks;
}
