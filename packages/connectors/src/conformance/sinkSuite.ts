import { randomBytes } from 'node:crypto';
import { type Operation, type Outcome, RefusedError, type Ticket } from '@reindeer/core';
import { expect } from 'vitest';
import type { GenerationMetadata, GenerationRef, LiveGeneration, Sink } from '../sink.ts';
import type { SinkHarness } from './sinkHarness.ts';

/** What the tests of one suite share. */
export interface SinkSuite {
  readonly harness: SinkHarness;
  readonly sink: Sink;
  /** Never aborts. */
  readonly signal: AbortSignal;
}

/** A name that no other test has. */
export function freshIndex(): string {
  return `things_${randomBytes(4).toString('hex')}`;
}

export function metadataOf(index: string, number = 1, nonce = 'k3f9'): GenerationMetadata {
  return { index, name: `${index}_g${number}_${nonce}`, nonce, number, definition: 1, ticketBound: 1_000 };
}

export async function makeGeneration(suite: SinkSuite, index = freshIndex(), number = 1): Promise<GenerationRef> {
  return await suite.sink.createGeneration(metadataOf(index, number), suite.signal);
}

/** A generation that holds `count` documents which all say which generation they belong to. */
export async function makeFilled(suite: SinkSuite, index: string, number: number, count = 3): Promise<GenerationRef> {
  const generation = await makeGeneration(suite, index, number);
  const operations = Array.from({ length: count }, (_, at) => put(`id-${at}`, 10, { generation: number }));
  await suite.sink.write(generation, operations, suite.signal);
  await suite.sink.settle(generation, suite.signal);
  return generation;
}

export async function makeLive(suite: SinkSuite, index: string, number = 1): Promise<LiveGeneration> {
  const generation = await makeFilled(suite, index, number);
  return await suite.sink.promote(generation, null, suite.signal);
}

export function put(id: string, ticket: Ticket, body: unknown): Operation {
  return putText(id, ticket, JSON.stringify(body));
}

/** The body as JSON text, which may be none. */
export function putText(id: string, ticket: Ticket, body: string): Operation {
  return { kind: 'index', id, ticket, shard: 0, bucket: 7, body, f1: 0xffff_ffff, f2: 0 };
}

export function remove(id: string, ticket: Ticket): Operation {
  return { kind: 'delete', id, ticket, shard: 0, bucket: 7 };
}

export function kinds(outcomes: readonly Outcome[]): string[] {
  return outcomes.map(({ kind }) => kind);
}

/** JSON text as objects. Only for bodies whose numbers do not matter. */
export async function bodies(suite: SinkSuite, generation: GenerationRef): Promise<Record<string, unknown>> {
  await suite.sink.settle(generation, suite.signal);
  const found = await suite.harness.documents(generation);
  return Object.fromEntries([...found].map(([id, text]) => [id, JSON.parse(text)]));
}

/** The call is refused, with this reason. */
export async function refused(reason: string, call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ reason });
}
