import type { HoldView } from '@reindeer/ledger';

/** A guard's hold goes when its cause is gone: what that takes. null: no command releases it. */
export function releaseOf(hold: HoldView, index: string): string | null {
  if (hold.reason === 'source-replaced') return `reindeer run ${index}`;
  if (hold.run !== null) return `reindeer resume --run ${hold.run}`;
  if (hold.index === null) return null;
  return hold.lane === null ? `reindeer resume ${hold.index}` : `reindeer resume ${hold.index} ${hold.lane}`;
}
