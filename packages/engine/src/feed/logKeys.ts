import type { ChangeLog, ChangePass, ReadPace } from '@reindeer/connectors';
import type { Key } from '@reindeer/core';
import { type Ledger, readRequestedKeys } from '@reindeer/ledger';

export interface KeyPage {
  readonly keys: readonly Key[];
  /** Where the log is read on after all keys of one of its pages; null: not there. */
  readonly cursor: string | null;
  /** Why a refresh is owed: rows changed whose keys nobody knows, or a dependency's row touches what its query cannot tell. */
  readonly owed: 'truncated' | 'unresolved' | null;
}

/**
 * A pass as keys of the index: those of a dependency are resolved, each page of them in a snapshot of its own (rule 4).
 * `tell` hears of each row that cannot be.
 */
export async function* logKeys(
  log: ChangeLog,
  pass: ChangePass,
  pace: ReadPace,
  tell: (unresolved: string) => void,
  signal: AbortSignal,
): AsyncGenerator<KeyPage, void, undefined> {
  for await (const { dependency, keys, cursor, refreshOwed } of pass.pages) {
    const owed = refreshOwed ? 'truncated' : null;
    if (dependency === null) {
      yield { keys, cursor, owed };
      continue;
    }
    for await (const touched of log.resolve(dependency, keys, pace, signal)) {
      if (touched.unresolved !== null) tell(touched.unresolved);
      yield { keys: touched.keys, cursor: null, owed: touched.unresolved === null ? null : 'unresolved' };
    }
    yield { keys: [], cursor, owed };
  }
}

/** Requested keys that are visible in `upTo` and not in some of `since`, in pages as large as `limit` says by then (rule 6). */
export async function* requestedKeys(
  ledger: Ledger,
  index: string,
  pass: { readonly since: readonly string[]; readonly upTo: string },
  limit: () => number,
): AsyncGenerator<readonly Key[], void, undefined> {
  for (let after: string | null = '0'; after !== null; ) {
    const page: Awaited<ReturnType<typeof readRequestedKeys>> = await readRequestedKeys(
      ledger,
      index,
      pass,
      after,
      limit(),
    );
    yield page.keys;
    after = page.last;
  }
}
