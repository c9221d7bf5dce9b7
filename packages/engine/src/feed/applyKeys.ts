import type { SourceDocument } from '@reindeer/connectors';
import {
  addTally,
  checkId,
  documentId,
  EMPTY_TALLY,
  type Key,
  type Operation,
  sumOutcomes,
  type Tally,
  type Ticket,
  WHOLE_RANGE,
} from '@reindeer/core';
import type { FeedTarget } from '@reindeer/ledger';
import type { EngineContext, OpenIndex } from '../context.ts';
import { refuseAhead } from '../slice/refuseAhead.ts';
import { writeUntilAnswered } from '../slice/writeUntilAnswered.ts';
import { prepare, type Refusal, stampOf } from '../transform/prepare.ts';
import { ofTarget } from './targetFailure.ts';

export interface Applied {
  readonly tally: Tally;
  readonly bytes: number;
  readonly failures: readonly Refusal[];
  /** Targets that did not take what was written: they are kept current no more, and why. */
  readonly lapsed: readonly { readonly target: FeedTarget; readonly reason: 'generation-gone' | 'document-refused' }[];
}

export interface Applying {
  readonly context: EngineContext;
  readonly index: OpenIndex;
  readonly targets: readonly FeedTarget[];
  readonly ticket: () => Promise<Ticket>;
  /** Only deletes are written: they are sent a second time (rule 14). */
  readonly deletesOnly: boolean;
  readonly onBusy: () => void;
  /** How long one target may keep the others waiting. */
  readonly patienceMs: number | null;
  /** Throws when the source is another server than that of the pass (rule 16). */
  readonly requireSameServer: () => void;
  readonly signal: AbortSignal;
}

/** A key as it is now: what is written of it, but for the shard, which each generation has its own of. */
interface Change {
  readonly key: Key;
  readonly operation: Operation;
  readonly filtered: boolean;
}

/**
 * Writes what these keys are now to every target: a ticket, their rows, then a document or a delete for each (rules 3, 4).
 * The feed always writes (rule 5). Resolves when all of it is acknowledged.
 * @throws TargetFailure when one of them failed, and every other has answered
 */
export async function applyKeys(applying: Applying, keys: readonly Key[]): Promise<Applied> {
  const { index, targets, signal } = applying;
  const read = await index.source.readKeys(keys, WHOLE_RANGE, applying.ticket, signal);
  applying.requireSameServer();
  const known = new Set(read.rows.map(({ key }) => JSON.stringify(key)));
  const strange = keys.filter((key) => !known.has(JSON.stringify(key)));
  const refusals: Refusal[] = applying.deletesOnly ? [] : strange.map(noKey);
  const changes: Change[] = [];
  for (const { key, document } of read.rows) {
    const change = await changeOf(applying, key, document, read.ticket);
    if (change === null) continue;
    if ('refusal' in change) refusals.push(change.refusal);
    else if (!applying.deletesOnly || change.operation.kind === 'delete') changes.push(change);
  }
  const written = await Promise.allSettled(targets.map((target) => writeTo(applying, target, changes, read.ticket)));
  const sums = written.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  // What is live is what is counted; where nothing is, the first.
  const counted = Math.max(
    0,
    targets.findIndex(({ state }) => state === 'live'),
  );
  const sum = sums[counted];
  const failures = new Map(
    [...refusals, ...sums.flatMap(({ failures }) => failures)].map((failure) => [failure.document, failure]),
  );
  return {
    tally: {
      ...(sum?.tally ?? EMPTY_TALLY),
      read: changes.length + refusals.length,
      failed: refusals.length + (sum?.tally.failed ?? 0),
    },
    bytes: sum?.bytes ?? 0,
    failures: [...failures.values()],
    lapsed: sums.flatMap(({ lapsed }, at) => {
      const target = targets[at];
      return lapsed === null || target === undefined ? [] : [{ target, reason: lapsed }];
    }),
  };
}

function noKey(key: Key): Refusal {
  return {
    document: documentId(key).slice(0, 200),
    reason: 'document-refused',
    detail:
      'No row of the source can have this key: a value is not of its column’s type, or not written as ids of documents are (7 and 1.5, not 07 and 1.50; uuids in small letters).',
  };
}

async function changeOf(
  { index }: Applying,
  key: Key,
  document: SourceDocument | null,
  ticket: Ticket,
): Promise<Change | { readonly refusal: Refusal } | null> {
  const write = { ticket, shard: 0 };
  if (document === null) {
    const id = documentId(key);
    // No sink ever held it.
    if (checkId(id) !== null) return null;
    return { key, operation: { kind: 'delete', ...stampOf(id, write) }, filtered: false };
  }
  const prepared = await prepare(document, write, index.definition.transform);
  switch (prepared.kind) {
    case 'refused':
      return { refusal: prepared.refusal };
    case 'filtered':
      return { key, operation: { kind: 'delete', ...prepared.stamp }, filtered: true };
    case 'index':
      return { key, operation: prepared.operation, filtered: false };
  }
}

interface Written {
  readonly tally: Tally;
  readonly bytes: number;
  readonly failures: readonly Refusal[];
  readonly lapsed: 'generation-gone' | 'document-refused' | null;
}

async function writeTo(
  { context, index, onBusy, patienceMs, signal }: Applying,
  target: FeedTarget,
  changes: readonly Change[],
  ticket: Ticket,
): Promise<Written> {
  const nothing: Written = { tally: EMPTY_TALLY, bytes: 0, failures: [], lapsed: null };
  if (changes.length === 0) return nothing;
  const shards = await index.source.shardsOf(
    changes.map(({ key }) => key),
    target.shardBounds,
    signal,
  );
  const operations = changes.map(({ operation }, at): Operation => ({ ...operation, shard: shards[at] ?? 0 }));
  const generation = { index: index.definition.name, name: target.name };
  const answered = await ofTarget(target, { patienceMs, signal }, (signal) =>
    writeUntilAnswered(context, index, operations, { generation, signal, onBusy }),
  );
  if (answered === null) return { ...nothing, lapsed: 'generation-gone' };
  const outcomes = refuseAhead(ticket, answered);
  const { tally, failures } = sumOutcomes(operations, outcomes);
  const filtered = changes.filter((change, at) => change.filtered && outcomes[at]?.kind === 'deleted').length;
  const bytes = operations.reduce((sum, one) => sum + (one.kind === 'index' ? Buffer.byteLength(one.body) : 0), 0);
  // An older mapping that refuses a newer document is no place to roll back to (rule 12).
  const lapsed = target.state === 'retained' && failures.length > 0 ? 'document-refused' : null;
  return {
    tally: { ...tally, filtered, deleted: tally.deleted - filtered },
    bytes,
    failures: lapsed === null ? failures : [],
    lapsed,
  };
}

export function addApplied(sum: Applied, next: Applied): Applied {
  return {
    tally: addTally(sum.tally, next.tally),
    bytes: sum.bytes + next.bytes,
    failures: [...sum.failures, ...next.failures],
    lapsed: [...sum.lapsed, ...next.lapsed],
  };
}

export const NOTHING_APPLIED: Applied = { tally: EMPTY_TALLY, bytes: 0, failures: [], lapsed: [] };
