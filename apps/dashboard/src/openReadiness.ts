import type { Logger, Readiness } from '@reindeer/runtime';

/**
 * Readiness as strangers may see it: which dependency is missing, and not why, because that names addresses, databases
 * and users. The log has the whole, once for each change.
 */
export function openReadiness(logger: Logger): (report: Readiness) => Readiness {
  let logged = '';
  return ({ ready, checks }) => {
    const missing = checks.filter(({ ok }) => !ok);
    const now = missing.map(({ name }) => name).join();
    if (now !== logged && missing.length > 0) logger.warn({ missing }, 'dashboard: not ready');
    logged = now;
    return { ready, checks: checks.map((one) => (one.ok ? one : { ...one, detail: 'is missing; the log says why' })) };
  };
}
