import type { ChangeLog, ChangePage, ChangePass, Position, ReadPace } from '@reindeer/connectors';
import { type Key, stableJson } from '@reindeer/core';
import { type Ledger, readRequestedKeys } from '@reindeer/ledger';
import { type Place, placeText } from './place.ts';

export interface KeyPage {
  readonly keys: readonly Key[];
  /** Where the pass goes on after these keys (a `placeText`); null: nowhere, they come from another log. */
  readonly place: string | null;
  /** Why a refresh is owed: rows changed whose keys nobody knows, or a dependency's row touches what its query cannot tell. */
  readonly owed: 'truncated' | 'unresolved' | null;
}

/**
 * A pass as keys of the index: those of a dependency are resolved, each page of them in a snapshot of its own (rule 4).
 * One row may touch millions, so each page says where to go on, also in their midst.
 * @param resume what the pass was asked to go on with
 * @param tell hears of each row that cannot be resolved
 */
export async function* logKeys(
  log: ChangeLog,
  pass: ChangePass,
  resume: { readonly upTo: Position; readonly place: Place } | null,
  pace: ReadPace,
  tell: (unresolved: string) => void,
  signal: AbortSignal,
): AsyncGenerator<KeyPage, void, undefined> {
  // A pass of another snapshot began anew: what was done for the one that was left may be too old for it.
  const goesOn = resume !== null && stableJson(pass.upTo) === stableJson(resume.upTo);
  let { cursor, within } = goesOn ? resume.place : { cursor: '', within: null };
  for await (const page of pass.pages) {
    if (page.dependency !== null) yield* touchedKeys(log, page, { cursor, within }, pace, tell, signal);
    const keys = page.dependency === null ? page.keys : [];
    cursor = page.cursor;
    within = null;
    yield { keys, place: placeText({ cursor, within }), owed: page.refreshOwed ? 'truncated' : null };
  }
}

/** @param from where its page begins, and how far its first row was done before */
async function* touchedKeys(
  log: ChangeLog,
  { dependency, keys, cursors, refreshOwed }: ChangePage,
  from: Place,
  pace: ReadPace,
  tell: (unresolved: string) => void,
  signal: AbortSignal,
): AsyncGenerator<KeyPage, void, undefined> {
  // Before any place that is beyond it.
  if (refreshOwed) yield { keys: [], place: placeText({ cursor: from.cursor, within: null }), owed: 'truncated' };
  const begun = from.within !== null && stableJson(from.within.key) === stableJson(keys[0] ?? null);
  for await (const page of log.resolve(dependency ?? '', keys, begun ? from.within.after : null, pace, signal)) {
    if (page.unresolved !== null) tell(page.unresolved);
    const key = keys[page.done];
    const within = page.after === null || key === undefined ? null : { key, after: page.after };
    const cursor = cursors[page.done - 1] ?? from.cursor;
    yield {
      keys: page.keys,
      place: placeText({ cursor, within }),
      owed: page.unresolved === null ? null : 'unresolved',
    };
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
