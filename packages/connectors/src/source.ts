import type { Key, KeyRange, Ticket } from '@reindeer/core';

/** A place in the source's history. Made, ordered and compared by the source alone; never a version of a document. */
export interface Position {
  /** The database system's own identifier. */
  readonly system: string;
  readonly timeline: number;
  readonly at: string;
}

export interface KeyColumn {
  readonly name: string;
  /** As the database prints it: `bigint`, `text`, `timestamp with time zone`… */
  readonly type: string;
  readonly collation: string | null;
}

/** What `check` and the planner need to know of a source. */
export interface SourceDescription {
  readonly key: readonly KeyColumn[];
  readonly columns: readonly string[];
  /** Rows, within the filter where it can be known cheaply. */
  readonly rows: number;
  readonly rowsExact: boolean;
  /** Average bytes of a row; null when not known. */
  readonly rowBytes: number | null;
  readonly identity: { readonly system: string; readonly timeline: number };
  /** Things that work but that its owner should know. */
  readonly warnings: readonly string[];
}

/** How much to read at once. The caller may change it between pages. */
export interface ReadPace {
  /** Documents in a page at most; asked again before each page. */
  readonly maxDocuments: () => number;
  /** Bytes of JSON in a page at most, unless one document alone is larger. */
  readonly maxBytes: number;
  /** A page's statement is cancelled after this long. */
  readonly timeoutMs: number;
}

/** A row on its way: encoded by the database, so that every digit survives (I10). */
export interface SourceDocument {
  readonly id: string;
  readonly json: string;
  /** Two unsigned 32-bit hashes of the row's text and the definition (rule 18). */
  readonly f1: number;
  readonly f2: number;
}

export interface Page {
  readonly documents: readonly SourceDocument[];
  /** The key of the last row: the next page begins after it. */
  readonly last: Key;
  readonly ticket: Ticket;
  readonly bytes: number;
}

/** Rows that were asked for by their keys. */
export interface KeyedRows {
  /** One for each key that can be a key of this source, in any order. */
  readonly rows: readonly {
    readonly key: Key;
    /** Whether the key lies in the range that was asked about: only the source can tell (I10). */
    readonly inRange: boolean;
    /** null: no such row is in the index. It is absent, soft-deleted, or outside `where`. */
    readonly document: SourceDocument | null;
  }[];
  readonly ticket: Ticket;
}

/** Which keys have a row in the index, without its contents. */
export type PresentKeys = readonly { readonly key: Key; readonly inRange: boolean; readonly present: boolean }[];

/** Where documents come from. Every adapter passes the conformance suite beside it. */
export interface Source {
  readonly capabilities: { readonly changes: 'none' };
  /**
   * Key columns, row estimate, identity.
   * @throws InputError with the remedy: unknown table or column, key not unique or nullable, collation not deterministic.
   */
  describe(signal: AbortSignal): Promise<SourceDescription>;
  /**
   * Quantiles of the real keys in `range`: upper bounds that cut it into about `pieces` equal pieces, ascending, all
   * different, in the database's order, streamed so that work starts before planning ends. The last piece has no bound
   * of its own. Sampled on large tables, exact on small ones. Yields at most `pieces - 1` keys.
   */
  boundaries(range: KeyRange, pieces: number, signal: AbortSignal): AsyncIterable<Key>;
  /**
   * Pages in key order. The caller pulls: that is the back-pressure. `ticket` is called, and awaited, before the
   * statement of each page, also when the adapter reads ahead; no cursor and no transaction spans pages.
   */
  read(range: KeyRange, pace: ReadPace, ticket: () => Promise<Ticket>, signal: AbortSignal): AsyncIterable<Page>;
  /**
   * The rows of these keys now, read after a ticket was drawn. A text that is no value of its key column, or not as
   * the source would print it, is none of its keys. At most some thousand keys at once; the caller bounds them.
   */
  readKeys(
    keys: readonly Key[],
    range: KeyRange,
    ticket: () => Promise<Ticket>,
    signal: AbortSignal,
  ): Promise<KeyedRows>;
  /** The same of the keys alone: no document is made of a row, so that it costs no more than a look into the key's index. */
  present(keys: readonly Key[], range: KeyRange, signal: AbortSignal): Promise<PresentKeys>;
  /** The keys that are in both ranges; null when none can be. @throws InputError when a bound is no key of this source. */
  intersect(a: KeyRange, b: KeyRange, signal: AbortSignal): Promise<KeyRange | null>;
  /** A position taken now: where a new generation starts. */
  position(signal: AbortSignal): Promise<Position>;
  close(): Promise<void>;
}
