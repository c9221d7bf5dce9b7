import { type Differences, formatCount } from '@reindeer/core';

/** `12 missing, 41 stale`; empty where nothing differs. */
export function differencesFound({ missing, extra, stale }: Differences): string {
  return Object.entries({ missing, extra, stale })
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${formatCount(count)} ${kind}`)
    .join(', ');
}
