import type { ChangeLog, ChangePass, ReadPace } from '@reindeer/connectors';
import type { Key } from '@reindeer/core';
import { type Ledger, readRequestedKeys } from '@reindeer/ledger';

export interface KeyPage {
  readonly keys: readonly Key[];
  /** Where the log is read on after all keys of one of its pages; null: not there. */
  readonly cursor: string | null;
  /** Rows changed whose keys nobody knows. */
  readonly refreshOwed: boolean;
}

/** A pass as keys of the index: those of a dependency are resolved, each page of them in a snapshot of its own (rule 4). */
export async function* logKeys(
  log: ChangeLog,
  pass: ChangePass,
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<KeyPage, void, undefined> {
  for await (const { dependency, keys, cursor, refreshOwed } of pass.pages) {
    if (dependency === null) {
      yield { keys, cursor, refreshOwed };
      continue;
    }
    for await (const touched of log.resolve(dependency, keys, pace, signal))
      yield { keys: touched, cursor: null, refreshOwed: false };
    yield { keys: [], cursor, refreshOwed };
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
