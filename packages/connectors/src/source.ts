import type { BucketSet, ChangesMode, Dependency, DigestEntry, Key, KeyRange, Ticket } from '@reindeer/core';

export type { Dependency };

/** A place in the source's history. Made, ordered and compared by the source alone; never a version of a document. */
export interface Position {
  /** The database system's own identifier. */
  readonly system: string;
  readonly timeline: number;
  /**
   * The whole snapshot, as the database prints it: a long transaction then delays nothing but its own changes. Of a
   * modified column an instant: every row stamped below it, and committed, was given.
   */
  readonly at: string;
  /** Which tables were followed, and the partitions and children they had; '' where there is no log. */
  readonly relations: string;
}

export interface KeyColumn {
  readonly name: string;
  /** As the database prints it: `bigint`, `text`, `timestamp with time zone`… */
  readonly type: string;
  readonly collation: string | null;
}

/** Which database a source is: another one under the same address must not be taken for it (rule 16). */
export interface SourceIdentity {
  readonly system: string;
  readonly timeline: number;
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
  readonly identity: SourceIdentity;
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

/** A row without its contents. */
export interface RowFingerprint {
  readonly key: Key;
  readonly id: string;
  readonly f1: number;
  readonly f2: number;
}

export interface FingerprintPage {
  readonly documents: readonly RowFingerprint[];
  /** The key of the last row that was gone through, wanted or not: the next page begins after it. */
  readonly last: Key;
  /** Rows gone through for this page, the wanted ones counted. */
  readonly passed: number;
}

/** Some keys that changed, of one table. */
export interface ChangePage {
  /** null: they are keys of the index. Otherwise keys of this dependency, to be resolved. */
  readonly dependency: string | null;
  /** Each once. */
  readonly keys: readonly Key[];
  /** Of a dependency's: where the pass goes on after each of the keys, for one of them may take long. Else empty. */
  readonly cursors: readonly string[];
  /** Rows changed whose keys nobody knows: a TRUNCATE, or a key column that was renamed. */
  readonly refreshOwed: boolean;
  /** With the pass's `upTo`, where the pass goes on after this page. */
  readonly cursor: string;
}

/** Keys of the index that rows of a dependency touch. */
export interface TouchedPage {
  /** Each once. */
  readonly keys: readonly Key[];
  /** How many of the rows that were asked for are done with this page. */
  readonly done: number;
  /** Of the row behind these, which one page cannot hold, the last key so far; null: it has not begun. */
  readonly after: Key | null;
  /**
   * What the query stumbled over, for the values of the last row that is done: what that touches nobody knows, so a refresh
   * is owed. One such row must not keep all that comes after it from the index. null: `keys` are all there are.
   */
  readonly unresolved: string | null;
}

export interface ChangePass {
  /** Taken before the first page was read: the position of whoever has applied every page, and nobody else's. */
  readonly upTo: Position;
  /**
   * What no page can hold, so that a refresh is owed when the position moves. `timeline`: one of `since` is of another
   * timeline, where the same transaction numbers may mean other transactions; it gets no keys. `relations`: partitions
   * or children came or went, with rows that no trigger saw; or others were followed than now.
   */
  readonly refreshOwed: readonly ('timeline' | 'relations')[];
  readonly pages: AsyncIterable<ChangePage>;
}

/** How much a log of changes holds: of the whole log, which all indexes of its schema share. */
export interface LogSize {
  readonly rows: number;
  /** On the disk, dead rows and indexes included. */
  readonly bytes: number;
}

/** Something under way in the source that holds the watermark back, or dead rows from being removed. */
export interface OpenTransaction {
  readonly kind: 'session' | 'prepared' | 'slot' | 'standby';
  /** `watermark`: it has written, and that is seen when it ends. Either keeps dead rows from being removed. */
  readonly holds: 'watermark' | 'vacuum';
  /** null for a prepared transaction, and a slot that nobody uses. */
  readonly pid: number | null;
  /** Of a prepared transaction or a slot. */
  readonly name: string | null;
  readonly database: string | null;
  readonly user: string | null;
  readonly application: string | null;
  /** As the server has it: `active`, `idle in transaction`… */
  readonly state: string | null;
  /** null: not known, or not shown to this role. */
  readonly ageMs: number | null;
  /** Transactions that began since. */
  readonly behind: number;
  /** SQL that lets this role see age and state; null: it does. */
  readonly grant: string | null;
}

/** What changed in a source. It holds keys, never contents, in no order that means anything (rule 4). */
export interface ChangeLog {
  /**
   * The keys of changes that are visible in a snapshot taken now and not in some of `since`. Each page is a statement of
   * its own; no transaction spans them. `resume` goes on with a pass that was left, for the same `since`; with an empty
   * cursor it gives all of its pages. By a modified column they are those of rows that are there, and may come again; a
   * row that has not changed does not come again to who is where the pass before led to.
   * @throws RefusedError `changes-pruned`: the log no longer reaches back to one of `since` (its `cause` is a RefusedError
   *   `triggers-changed` where the triggers were installed after it); also in the midst of the
   *   pages. `source-replaced`: one of `since` is of another database. `triggers-changed`: changes may have gone
   *   unseen, since triggers are missing or were altered after they were installed; install them again.
   */
  changes(
    since: readonly Position[],
    pace: ReadPace,
    signal: AbortSignal,
    resume?: { readonly upTo: Position; readonly cursor: string },
  ): Promise<ChangePass>;
  /**
   * An estimate that reads no rows, for bounds. It is of the whole log: whoever has seen most of it cannot be the one
   * that keeps it long.
   */
  size(signal: AbortSignal): Promise<LogSize>;
  /** Deletes what every one of these positions has seen, and says in the same statement how far. Gives the rows deleted. */
  prune(consumers: readonly Position[], signal: AbortSignal): Promise<number>;
  /**
   * The keys of the index that rows of a dependency touch now, of the first row those after `after`, in pages, each read in
   * snapshots of its own that are not older than the call: draw the ticket for a page's rows after the page has come.
   */
  resolve(
    dependency: string,
    rows: readonly Key[],
    after: Key | null,
    pace: ReadPace,
    signal: AbortSignal,
  ): AsyncIterable<TouchedPage>;
}

/** Where documents come from. Every adapter passes the conformance suite beside it. */
export interface Source {
  readonly capabilities: { readonly changes: ChangesMode };
  /** null where `capabilities.changes` is `none`. */
  readonly log: ChangeLog | null;
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
  /**
   * Count and fingerprint sums of the range's rows per prefix of `bits` (0 to 20) bits of the bucket of their ids, as
   * documents have it (rule 18): added up by the database, so that no row travels. Prefixes without rows are left out. Ids
   * that are too long for a document are counted too: they are rows that no index holds.
   */
  digest(range: KeyRange, bits: number, signal: AbortSignal): Promise<readonly DigestEntry[]>;
  /**
   * The range's rows whose bucket is one of these, without their contents, in key order. A page has about as many as the
   * pace says, and may have none: what lies between is gone through in the database. No transaction spans pages.
   */
  fingerprints(
    range: KeyRange,
    buckets: BucketSet,
    pace: ReadPace,
    signal: AbortSignal,
  ): AsyncIterable<FingerprintPage>;
  /**
   * Of each key how many of the bounds lie below it, which is its shard's number: the bounds ascend and are frozen, and
   * shards are `(after, upTo]`. Every key must be one that `readKeys` gave.
   */
  shardsOf(keys: readonly Key[], bounds: readonly Key[], signal: AbortSignal): Promise<readonly number[]>;
  /** The keys that are in both ranges; null when none can be. @throws InputError when a bound is no key of this source. */
  intersect(a: KeyRange, b: KeyRange, signal: AbortSignal): Promise<KeyRange | null>;
  /** Which database this is, asked for by itself. */
  identity(signal: AbortSignal): Promise<SourceIdentity>;
  /**
   * Watches that what is read from now on is of one server, as far as this process can know: asked after a read, and before
   * anything is made of it. An address may be moved while connections are open to the server of before.
   * @returns throws UnavailableError `source-unavailable` when it was not
   */
  stay(): () => void;
  /** Connections that are open are used no more: what is read next is read where the address leads by then. */
  reconnect(): void;
  /** A position taken now: where a new generation starts. */
  position(signal: AbortSignal): Promise<Position>;
  /**
   * What is under way on the source's server now and holds something back, at most 20: first what holds the watermark,
   * and what does so furthest first. Never the text of a query.
   */
  transactions(signal: AbortSignal): Promise<readonly OpenTransaction[]>;
  close(): Promise<void>;
}
