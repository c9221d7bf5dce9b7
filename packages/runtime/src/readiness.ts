import { redactText } from './redactText.ts';

/** One thing an app needs: whether it is there and, if not, what to do. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

/** A probe that was not answered in this time has failed; Kubernetes and Compose give up after a few seconds too. */
const LIMIT_MS = 4_000;

/** One named check made from a promise: ok when it resolves, and the error's message, redacted, when it does not. */
export async function checkDependency(name: string, probe: () => Promise<unknown>): Promise<ReadinessCheck> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
    });
    await Promise.race([probe(), late]);
    return { name, ok: true, detail: 'answers' };
  } catch (error) {
    return { name, ok: false, detail: redactText(describe(error)) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks at most once in `freshMs` (default 2 s), and once for all who ask meanwhile: however often an app is probed, what
 * it depends on is not. Never rejects.
 */
export function cachedReadiness(
  ask: () => Promise<readonly ReadinessCheck[]>,
  freshMs = 2_000,
): () => Promise<Readiness> {
  let last: { readonly at: number; readonly report: Promise<Readiness> } | null = null;
  return () => {
    if (last === null || performance.now() - last.at > freshMs) {
      const report = ask()
        .then(readinessOf)
        .catch((error: unknown) => readinessOf([{ name: 'checks', ok: false, detail: redactText(describe(error)) }]));
      last = { at: performance.now(), report };
    }
    return last.report;
  };
}

export function readinessOf(checks: readonly ReadinessCheck[]): Readiness {
  return { ready: checks.every((check) => check.ok), checks };
}

/** A refused connection to a name with two addresses is an AggregateError without a message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
