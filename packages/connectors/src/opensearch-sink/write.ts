import type { Operation, Outcome } from '@reindeer/core';
import type { SearchServer } from '../opensearch/server.ts';
import { rounds } from '../rounds.ts';
import type { GenerationRef } from '../sink.ts';
import { bulkLines } from './bulkLines.ts';
import { type BulkEntry, sendInTurn } from './sendBulk.ts';

/** Below what small managed clusters take in a request (10 MiB); a larger one is no faster. */
export const MAX_BATCH_BYTES = 10_000_000;

const BUSY: Outcome = { kind: 'busy', retryAfterMs: null };

/**
 * Writes a batch: one request as a rule. An id that occurs again goes with the next round, and not at all when the first
 * was too much for the server: sent again later, an equal ticket of the first would replace the second.
 */
export async function write(
  server: SearchServer,
  generation: GenerationRef,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: (Outcome | undefined)[] = Array.from({ length: operations.length });
  const entries = new Map<number, BulkEntry>();
  operations.forEach((operation, position) => {
    const made = bulkLines(operation);
    if ('refused' in made) outcomes[position] = made.refused;
    else entries.set(position, { operation, lines: made.lines });
  });
  const busy = new Set<string>();
  for (const [number, round] of rounds(operations, [...entries.keys()]).entries()) {
    const positions = round.filter((position) => !busy.has(operations[position]?.id ?? ''));
    const parts = chunks(positions.flatMap((position) => entries.get(position) ?? []));
    const found = await sendInTurn(server, generation, parts, signal, number > 0);
    positions.forEach((position, at) => {
      const outcome = found[at] ?? BUSY;
      outcomes[position] = outcome;
      if (outcome.kind === 'busy') busy.add(operations[position]?.id ?? '');
    });
  }
  return Array.from(outcomes, (outcome) => outcome ?? BUSY);
}

/** Parts of at most `MAX_BATCH_BYTES`; what is larger by itself goes alone. */
function chunks(entries: readonly BulkEntry[]): readonly (readonly BulkEntry[])[] {
  const parts: BulkEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(entry.lines);
    const last = parts.at(-1);
    if (last === undefined || bytes > room) {
      parts.push([entry]);
      room = MAX_BATCH_BYTES - bytes;
    } else {
      last.push(entry);
      room -= bytes;
    }
  }
  return parts;
}
