import { type Operation, type Outcome, RefusedError } from '@reindeer/core';
import { refuseMalformed } from '../malformed.ts';
import { rounds } from '../rounds.ts';
import type { GenerationRef } from '../sink.ts';
import type { SinkDatabase } from './database.ts';
import { isBusy, isDataError, isMissingTable } from './failure.ts';
import { type Session, withSession } from './session.ts';
import { ensureTombstoneAge, isMissingColumn } from './tombstones.ts';
import { upsert } from './upsert.ts';
import { writeNarrowing } from './writeNarrowing.ts';

/**
 * Writes a batch: one statement as a rule. Only when the server refuses the data, or an id occurs twice, it becomes a
 * transaction of several.
 */
export async function write(
  database: SinkDatabase,
  generation: GenerationRef,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  if (operations.length === 0) return [];
  const outcomes = new Array<Outcome | undefined>(operations.length);
  const sendable = operations
    .map((_, position) => position)
    .filter((position) => {
      const operation = operations[position];
      const refused = operation === undefined ? null : refuseMalformed(operation);
      if (refused !== null) outcomes[position] = refused;
      return refused === null;
    });
  await withSession(database, signal, async (session) => {
    const send = () =>
      writeRounds(session, database, generation.name, operations, rounds(operations, sendable), outcomes);
    try {
      try {
        await send();
      } catch (error) {
        if (!isMissingColumn(error)) throw error;
        await ensureTombstoneAge(session, database.schema, generation.name);
        await send();
      }
    } catch (error) {
      if (isMissingTable(error)) throw gone(database, generation, error);
      if (!isBusy(error)) throw error;
      // Rolled back as a whole, whichever statement it was.
      for (const position of sendable) outcomes[position] = { kind: 'busy', retryAfterMs: null };
    }
  });
  return outcomes.map((outcome) => outcome ?? { kind: 'busy', retryAfterMs: null });
}

async function writeRounds(
  session: Session,
  database: SinkDatabase,
  generation: string,
  operations: readonly Operation[],
  positions: readonly (readonly number[])[],
  outcomes: (Outcome | undefined)[],
): Promise<void> {
  const batches = positions.map((round) => round.flatMap((position) => operations[position] ?? []));
  const record = (round: number, found: readonly Outcome[]) => {
    found.forEach((outcome, at) => {
      const position = positions[round]?.[at];
      if (position !== undefined) outcomes[position] = outcome;
    });
  };
  const [only] = batches;
  if (only === undefined) return;
  if (batches.length === 1) {
    try {
      record(0, await upsert(session, database, generation, only));
      return;
    } catch (error) {
      if (!isDataError(error)) throw error;
    }
  }
  await session.transaction(async () => {
    for (const [round, batch] of batches.entries()) {
      record(round, await writeNarrowing(session, database, generation, batch));
    }
  });
}

function gone({ schema }: SinkDatabase, generation: GenerationRef, cause: unknown): RefusedError {
  const name = JSON.stringify(`${schema}.${generation.name}`);
  return new RefusedError('generation-gone', `The generation ${name} was dropped. Nothing is written to it any more.`, {
    cause,
  });
}
