import { RefusedError } from '@reindeer/core';
import type { Position } from '../source.ts';
import type { SourceContext } from './context.ts';

/** Positions of another database say nothing about this one. */
export function refuseStrangers(context: SourceContext, system: string, positions: readonly Position[]): void {
  const stranger = positions.find((position) => position.system !== system);
  if (stranger === undefined) return;
  throw new RefusedError(
    'source-replaced',
    `Connection "${context.connection}" leads to another database (${system}) than the one that index ${context.index} was following (${stranger.system}). Rebuild the index, or correct the url.`,
  );
}
