import { formatCount } from '@reindeer/core';
import type { IndexHealth } from '@reindeer/ledger';
import { formatMoment, plural } from '../terminal/format.ts';

/** `8 shards since 3 min ago (promotion)`; null: nothing is owed. */
export function owedText({ owed }: IndexHealth, nowMs: number): string | null {
  if (owed === null) return null;
  return `${plural(owed.shards, 'shard')}, since ${formatMoment(owed.since, nowMs)} (${owed.causes.join(', ')})`;
}

/** What the last verify of each shard found and no refresh has mended since; null: it found nothing, or never looked. */
export function differText({ verified }: IndexHealth): string | null {
  if (verified === null) return null;
  const found = (['missing', 'extra', 'stale'] as const)
    .filter((kind) => verified[kind] > 0)
    .map((kind) => `${formatCount(verified[kind])} ${kind}`);
  return found.length === 0 ? null : found.join(', ');
}

/** What was compared last, and what came of it. */
export function verifiedText(health: IndexHealth, nowMs: number): string {
  const { verified, shards } = health;
  if (verified === null) return 'never';
  const part = verified.shards < shards ? ` in ${formatCount(verified.shards)} of ${plural(shards, 'shard')}` : '';
  const found = differText(health);
  const run = verified.run === null ? '' : `: reindeer show ${verified.run}`;
  return `${found ?? 'nothing differs'}${part} (${formatMoment(verified.since, nowMs)})${run}`;
}
