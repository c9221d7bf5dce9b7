import { documentId } from '@reindeer/core';
import type { ChangePass, Position, ReadPace } from '../source.ts';
import type { KeyKind, LoggedFixture, SourceRow } from './sourceHarness.ts';

export type OpenLogged = (kinds: readonly KeyKind[]) => Promise<LoggedFixture>;

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
  { source }: LoggedFixture,
  since: readonly Position[],
  maxDocuments?: number,
): Promise<ChangePass> {
  if (source.log === null) throw new Error('This source follows no changes.');
  return await source.log.changes(since, changePace(maxDocuments), noAbort());
}

/** One whole pass. */
export async function readChanges(
  fixture: LoggedFixture,
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

export async function useLogged(
  open: OpenLogged,
  kinds: readonly KeyKind[],
  rows: readonly SourceRow[],
  work: (fixture: LoggedFixture) => Promise<void>,
): Promise<void> {
  const fixture = await open(kinds);
  try {
    if (rows.length > 0) await fixture.put(rows);
    await work(fixture);
  } finally {
    await fixture.close();
  }
}
