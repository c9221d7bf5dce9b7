import { type Key, RefusedError } from '@reindeer/core';
import { requestKeys } from '@reindeer/ledger';
import type { CommandContext } from './commandContext.ts';
import { findDefinition } from './findDefinition.ts';

const FOREIGN_KEY_VIOLATION = '23503';

/**
 * Notes that these keys changed: the feed's next pass indexes them. Not in the audit: programs send them all day.
 * @returns false when too many wait already, and nothing was noted
 * @throws NotFound; RefusedError where nothing would ever index them.
 */
export async function requestChanges(
  { config, ledger, logger }: CommandContext,
  index: string,
  keys: readonly Key[],
  actor: string,
): Promise<boolean> {
  requireFeed(config, index);
  const noted = await requestKeys(ledger, index, keys).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION)) throw error;
    throw new RefusedError(
      'not-in-configuration',
      `No scheduler has applied a configuration with ${index} yet. Start (or restart) \`reindeer scheduler\` with this one.`,
    );
  });
  logger.debug({ name: actor, index, keys: keys.length, noted }, 'changes requested');
  return noted;
}

/** @throws RefusedError when the index has no feed: keys would wait for nobody. */
export function requireFeed(config: CommandContext['config'], index: string): void {
  if (findDefinition(config, index).incremental !== null) return;
  throw new RefusedError(
    'not-in-configuration',
    `${index} has no feed, so nothing would index these keys. Set \`incremental: { every: '1s' }\` for requested keys alone, or \`source.changes: 'log'\` to follow every change; or ask for a refresh of their range: POST /api/v1/runs {"index": "${index}", "lane": "refresh", "after": …, "upTo": …}.`,
  );
}
