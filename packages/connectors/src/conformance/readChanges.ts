import { documentId } from '@reindeer/core';
import type { ChangePass, Position, ReadPace } from '../source.ts';
import type { FollowedFixture, KeyKind, LoggedFixture, SourceRow } from './sourceHarness.ts';

export type OpenFollowed = (kinds: readonly KeyKind[]) => Promise<FollowedFixture>;
export type OpenLogged = (kinds: readonly KeyKind[]) => Promise<LoggedFixture>;

/**
 * What the kinds of following promise. A log has every change, removals too, and gives to each position what that has
 * not seen and nothing else. A modified column finds rows that are there, and may find them before and again.
 */
export function promises({ source }: FollowedFixture): { readonly removals: boolean; readonly exactly: boolean } {
  const isLog = source.capabilities.changes === 'log';
  return { removals: isLog, exactly: isLog };
}

export interface SeenChanges {
  readonly upTo: Position;
  /** Ids of the keys, as often as they came. */
  readonly ids: readonly string[];
  readonly refreshOwed: readonly string[];
  readonly pages: number;
}

export const noAbort = (): AbortSignal => new AbortController().signal;

export function changePace(maxDocuments = 1_000): ReadPace {
  return { maxDocuments: () => maxDocuments, maxBytes: 1_000_000, timeoutMs: 30_000 };
}

export async function passOf(
  { source }: FollowedFixture,
  since: readonly Position[],
  maxDocuments?: number,
): Promise<ChangePass> {
  if (source.log === null) throw new Error('This source follows no changes.');
  return await source.log.changes(since, changePace(maxDocuments), noAbort());
}

/** One whole pass. */
export async function readChanges(
  fixture: FollowedFixture,
  since: readonly Position[],
  maxDocuments?: number,
): Promise<SeenChanges> {
  return await drain(await passOf(fixture, since, maxDocuments));
}

export async function drain(pass: ChangePass): Promise<SeenChanges> {
  const ids: string[] = [];
  const refreshOwed: string[] = [...pass.refreshOwed];
  let pages = 0;
  for await (const page of pass.pages) {
    pages += 1;
    ids.push(...page.keys.map(documentId));
    if (page.refreshOwed) refreshOwed.push('page');
  }
  return { upTo: pass.upTo, ids, refreshOwed, pages };
}

export async function useFollowed<F extends FollowedFixture>(
  open: (kinds: readonly KeyKind[]) => Promise<F>,
  kinds: readonly KeyKind[],
  rows: readonly SourceRow[],
  work: (fixture: F) => Promise<void>,
): Promise<void> {
  const fixture = await open(kinds);
  try {
    if (rows.length > 0) await fixture.put(rows);
    await work(fixture);
  } finally {
    await fixture.close();
  }
}
