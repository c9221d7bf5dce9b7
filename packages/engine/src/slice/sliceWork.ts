import type { ReadPace } from '@reindeer/connectors';
import type { BatchResult } from './checkpointer.ts';

/** What a slice makes of its pages. The slice itself sees to pace, order, checkpoints and the end. */
export interface SliceWork<P extends SlicePage> {
  /** Pages in order, from the task's cursor on. The slice pulls: that is the back-pressure. */
  pages(pace: ReadPace, signal: AbortSignal): AsyncIterable<P>;
  /** Resolves when everything the page asks for is durable (I2). `onBusy`: the sink asked for less. */
  apply(page: P, onBusy: () => void, signal: AbortSignal): Promise<BatchResult>;
}

export interface SlicePage {
  readonly documents: readonly unknown[];
  /** No cursor stands after it: whoever takes over begins before it again. A turn does not end here. */
  readonly midway?: boolean;
}
