import type { Sink } from '@reindeer/connectors';
import { type Operation, type Outcome, UnavailableError } from '@reindeer/core';
import type { Pace } from './Pace.ts';
import { pausing } from './pausing.ts';

/** Requests that are on their way to the sink, whether anybody still waits for them or not. */
export class Underway {
  readonly #requests = new Set<Promise<unknown>>();

  add(request: Promise<unknown>): void {
    this.#requests.add(request);
    request.catch(() => {}).finally(() => this.#requests.delete(request));
  }

  get count(): number {
    return this.#requests.size;
  }
}

export interface Lateness {
  readonly pace: Pace;
  readonly underway: Underway;
  /** Whether and how much a write is late, asked for each. */
  readonly late: () => Parameters<Pace['delay']>[0];
  /** What goes wrong with a write, asked for each: the server refuses it, or its answer is lost. */
  readonly fault: () => 'refused' | 'answer-lost' | null;
  /** No request arrives later than this after its ticket was drawn: it has timed out, and nothing is written. */
  readonly timeoutMs: number;
  readonly trace: (message: string) => void;
}

const NEVER = new AbortController().signal;

/**
 * A sink that is far away: a write arrives a while after it was sent, also when its sender has been stopped or has died
 * meanwhile.
 */
export function lateSink(sink: Sink, lateness: Lateness, own: Partial<Sink> = {}): Sink {
  const { pace, underway, trace } = lateness;
  return pausing(sink, pace, {
    ...own,
    write(generation, operations, signal) {
      signal.throwIfAborted();
      const request = arrive(sink, lateness, generation, operations);
      underway.add(request);
      return orAborted(request, signal).catch((error: unknown) => {
        if (signal.aborted) trace(`no longer waits for ${show(operations)}`);
        throw error;
      });
    },
  });
}

async function arrive(
  sink: Sink,
  { pace, late, fault, timeoutMs, trace }: Lateness,
  generation: Parameters<Sink['write']>[0],
  operations: readonly Operation[],
): Promise<readonly Outcome[]> {
  await pace.delay(late());
  const drawn = Math.min(...operations.map(({ ticket }) => ticket)) / 1_000;
  if (Date.now() - drawn > timeoutMs) {
    trace(`timed out on its way: ${show(operations)}`);
    throw new UnavailableError('sink-unavailable', 'The request timed out on its way.');
  }
  const wrong = fault();
  if (wrong === 'refused') {
    trace(`${generation.name} refuses ${show(operations)}`);
    throw new UnavailableError('sink-unavailable', 'The sink takes nothing.');
  }
  const outcomes = await sink.write(generation, operations, NEVER);
  trace(`${generation.name} takes ${show(operations, outcomes)}`);
  await pace.pause();
  if (wrong === 'answer-lost') throw new UnavailableError('sink-unavailable', 'The answer was lost.');
  return outcomes;
}

function show(operations: readonly Operation[], outcomes: readonly Outcome[] = []): string {
  return operations
    .map(
      (one, at) =>
        `${one.id}=${one.kind === 'index' ? one.body : 'none'}@${one.ticket % 1e9} ${outcomes[at]?.kind ?? ''}`,
    )
    .join(', ');
}

/** The answer, unless the sender is stopped before. */
function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
