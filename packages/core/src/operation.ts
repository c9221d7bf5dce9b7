import type { Ticket } from './ticket.ts';

/** What every stored document carries beside its body (rule 18). */
export interface DocumentStamp {
  /** The document's id in the sink. */
  readonly id: string;
  /** The version of this write. */
  readonly ticket: Ticket;
  readonly shard: number;
  /** The first 20 bits of the id's MD5. */
  readonly bucket: number;
}

/** One write to a generation. `body` is JSON text, passed on as it is, so that digits survive. */
export type Operation =
  | (DocumentStamp & { readonly kind: 'index'; readonly body: string; readonly f1: number; readonly f2: number })
  | (DocumentStamp & { readonly kind: 'delete' });

/** What a sink says of one operation. Adapters classify; core decides what follows. */
export type Outcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'unchanged' }
  /** A newer ticket is there. As good as written where others write too; an error under a live claim elsewhere (rule 15). */
  | { readonly kind: 'superseded'; readonly by: Ticket | null }
  /** This document, for good: recorded as a failure, and the rest go on. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string }
  /** Try again, slower. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number | null };

/** What a sink holds of one document, without its body. */
export interface StoredDocument {
  readonly id: string;
  /** The version that the sink compares: the ticket of our last write, or what somebody else's write made of it. */
  readonly version: number;
  /** What our last write stamped on it (rule 18); null: it was not written by us. */
  readonly stamp: {
    readonly shard: number;
    readonly bucket: number;
    readonly ticket: Ticket;
    readonly f1: number;
    readonly f2: number;
  } | null;
}
