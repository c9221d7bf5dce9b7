import type { Key } from '@reindeer/core';
import type { Source } from '../source.ts';

/** What a key column of the suite's table holds, by the widest use of it; adapters choose their own type for each. */
export type KeyKind =
  /** 64-bit, negative too. */
  | 'integer'
  /** With the order that people expect (`a B c`), where the database has such. */
  | 'text'
  /** The order of the code points. */
  | 'bytes-text'
  /** To the microsecond. */
  | 'instant'
  | 'uuid';

export interface SourceRow {
  readonly key: Key;
  readonly label: string;
  /** A decimal number of any length, as the database would print it. */
  readonly amount: string;
}

/** A table with the key columns k1, k2…, unique and never null, and the columns `label` and `amount`; and a source on it. */
export interface SourceFixture {
  readonly source: Source;
  /** Adds the rows, or replaces those that are there; committed when it resolves. */
  put(rows: readonly SourceRow[]): Promise<void>;
  /** Committed when it resolves. */
  remove(keys: readonly Key[]): Promise<void>;
  /** Every row has this label now; committed when it resolves. */
  relabel(label: string): Promise<void>;
  /** All keys, in the order of the database and in its text. */
  keys(): Promise<readonly Key[]>;
  /** From now on a statement on the table does not end, until the function that it gives is called. */
  stall(): Promise<() => Promise<void>>;
  /** How many statements of the source the server is working on now. */
  running(): Promise<number>;
  /** Closes the source and removes the table. */
  close(): Promise<void>;
}

/** A transaction under way; several at once do not wait for each other unless they write the same row. */
export interface SourceWriter {
  /** By which the server knows its session. */
  readonly pid: number;
  /** Adds the rows, or replaces those that are there. */
  put(rows: readonly SourceRow[]): Promise<void>;
  remove(keys: readonly Key[]): Promise<void>;
  /** The row of the first key has the second now. */
  rekey(from: Key, to: Key): Promise<void>;
  /** A savepoint; the function that it gives goes back to it. */
  savepoint(): Promise<() => Promise<void>>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A source that follows changes. */
export interface FollowedFixture extends SourceFixture {
  begin(): Promise<SourceWriter>;
}

/** A source that follows changes by a log of them. */
export interface LoggedFixture extends FollowedFixture {
  /** Removes all rows at once, by what the database has for that; committed when it resolves. */
  truncate(): Promise<void>;
  /** Does what `work` says, where the triggers cannot see it; all is as before when it resolves. */
  unseen(work: () => Promise<void>): Promise<void>;
  /** Mends what `unseen` has done to the log's installation. */
  install(): Promise<void>;
  /** How many changes the log holds. */
  logged(): Promise<number>;
}

export interface SourceHarness {
  /** The adapter's name, in the suite's title. */
  readonly name: string;
  open(kinds: readonly KeyKind[]): Promise<SourceFixture>;
  /** Where the adapter follows changes by a log. */
  readonly openLogged?: (kinds: readonly KeyKind[]) => Promise<LoggedFixture>;
  /** Where the adapter finds changes by a modified column, which every write here sets to its transaction's beginning. */
  readonly openModified?: (kinds: readonly KeyKind[]) => Promise<FollowedFixture>;
}
