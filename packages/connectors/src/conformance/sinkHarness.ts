import type { GenerationRef, Sink } from '../sink.ts';

/** What the suite needs beside the port itself: the server's side of the story, and other people's hands. */
export interface SinkHarness {
  /** A handle of its own, as another process has one; the suite closes it. Every call opens the same sink. */
  open(): Sink;
  /** Everything a search could find in the generation: ids, and bodies as JSON text with every digit the sink kept. */
  documents(generation: GenerationRef): Promise<ReadonlyMap<string, string>>;
  /** The same by the name that readers use, in a single read (at most 1,000 documents). */
  readIndex(index: string): Promise<ReadonlyMap<string, string>>;
  /** Somebody lets the readers' name show this generation, past Reindeer. */
  moveByHand(index: string, to: GenerationRef): Promise<void>;
  /** Somebody makes an ordinary index or table with this name. */
  takeName(name: string): Promise<void>;
  /** Somebody writes a document of their own into the generation, past Reindeer. */
  writeByHand(generation: GenerationRef, id: string): Promise<void>;
  /** Somebody edits a document's body in place, past Reindeer. Absent: in this sink that leaves no trace but the body. */
  editByHand?(generation: GenerationRef, id: string): Promise<void>;
  /** The engine's own query for all documents; absent where it has none. */
  readonly allQuery?: object;
  /** From now until `release`, a write to the generation is accepted by the server and does not end. */
  stall(generation: GenerationRef): Promise<{ release(): Promise<void> }>;
  /** Requests of the suite's sinks that the server is working on now, stalled ones included. */
  requestsUnderWay(): Promise<number>;
  /** Bodies that this sink refuses for good, for each reason there is. */
  readonly refusedBodies: readonly string[];
  /** Ids that this sink has no room for, at whatever length; none, where absent. */
  readonly refusedIds?: readonly string[];
  /** Numbers, as JSON text, that the sink gives back with their value unchanged. */
  readonly exactNumbers: readonly string[];
  close(): Promise<void>;
}
