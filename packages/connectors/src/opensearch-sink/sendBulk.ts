import { InputError, type Operation, type Outcome, UnavailableError } from '@reindeer/core';
import { asReaction, diskFull, isBusy } from '../opensearch/failure.ts';
import { ResponseError } from '../opensearch/responseError.ts';
import { pathOf, type SearchServer } from '../opensearch/server.ts';
import type { GenerationRef } from '../sink.ts';
import { gone } from './generation.ts';
import { writeAlias } from './names.ts';
import { type BulkItem, type ItemTrouble, toOutcome } from './toOutcome.ts';

/** An operation with its lines of the request. */
export interface BulkEntry {
  readonly operation: Operation;
  readonly lines: string;
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly Readonly<Record<string, BulkItem>>[];
}

const BUSY: Outcome = { kind: 'busy', retryAfterMs: null };

/**
 * One bulk request; halved as often as the server finds it too large.
 * @returns one outcome per entry, in order
 * @throws when nothing is known of any of them
 */
export async function sendBulk(
  server: SearchServer,
  generation: GenerationRef,
  entries: readonly BulkEntry[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  try {
    const answer = await server.ask<BulkAnswer>({
      method: 'POST',
      path: `${pathOf(writeAlias(generation.name))}/_bulk`,
      query: { require_alias: true, filter_path: 'errors,items.*.status,items.*.error' },
      body: entries.map(({ lines }) => lines).join(''),
      signal,
    });
    return readItems(server, generation, entries, answer);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    if (error.type === 'index_not_found_exception') throw gone(generation, error);
    if (error.status === 413) return await sendHalves(server, generation, entries, signal);
    if (isBusy(error) && error.type !== 'cluster_block_exception') {
      return entries.map(() => ({ kind: 'busy', retryAfterMs: error.retryAfterMs }));
    }
    throw error;
  }
}

async function sendHalves(
  server: SearchServer,
  generation: GenerationRef,
  entries: readonly BulkEntry[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  if (entries.length <= 1) {
    const detail = 'The document is larger than the server takes in a request (http.max_content_length).';
    return entries.map(() => ({ kind: 'rejected', reason: 'document-refused', detail }));
  }
  const middle = Math.ceil(entries.length / 2);
  return await sendInTurn(server, generation, [entries.slice(0, middle), entries.slice(middle)], signal);
}

/** One request after the other. Once something is `known`, an unavailable server makes the rest busy, not all unknown. */
export async function sendInTurn(
  server: SearchServer,
  generation: GenerationRef,
  parts: readonly (readonly BulkEntry[])[],
  signal: AbortSignal,
  known = false,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, part] of parts.entries()) {
    try {
      outcomes.push(...(await sendBulk(server, generation, part, signal)));
    } catch (error) {
      if ((!known && outcomes.length === 0) || !(asReaction(error, server.connection) instanceof UnavailableError))
        throw error;
      return [...outcomes, ...parts.slice(at).flatMap((rest) => rest.map(() => BUSY))];
    }
  }
  return outcomes;
}

function readItems(
  server: SearchServer,
  generation: GenerationRef,
  entries: readonly BulkEntry[],
  { items = [] }: BulkAnswer,
): readonly Outcome[] {
  if (items.length !== entries.length) {
    throw new UnavailableError(
      'sink-unavailable',
      `The sink's connection ${JSON.stringify(server.connection)} told of ${items.length} documents, and was sent ${entries.length}.`,
    );
  }
  const found = entries.map(({ operation }, at) => {
    const item = Object.values(items[at] ?? {})[0];
    return item === undefined ? BUSY : toOutcome(operation, item);
  });
  const outcomes = found.map((one) => ('trouble' in one ? BUSY : one));
  const troubles = found.filter((one): one is ItemTrouble => 'trouble' in one);
  const [worst] = troubles;
  if (worst === undefined) return outcomes;
  if (worst.trouble === 'gone') throw gone(generation);
  // Blocked half way: the rest comes again, and is refused as a whole.
  if (troubles.length < found.length) return outcomes;
  throw whole(server.connection, generation, worst);
}

function whole(connection: string, { name }: GenerationRef, { trouble, reason }: ItemTrouble): Error {
  const place = `The sink's connection ${JSON.stringify(connection)}`;
  if (trouble === 'disk') return diskFull(connection, reason, undefined);
  if (trouble === 'denied') {
    return new InputError('denied', `${place}: ${reason}. Grant its user to write to the index's generations.`);
  }
  return new UnavailableError(
    'sink-unavailable',
    `${place} takes no writes to ${name}: ${reason}. Somebody closed or blocked the index; open it, or lift the block (index.blocks.*).`,
  );
}
