import { explained } from '../postgres-source/explained.ts';
import { sourceIdentity } from '../postgres-source/identity.ts';
import { refuseStrangers } from '../postgres-source/refuseStrangers.ts';
import type { ChangePage, ChangePass, Position, ReadPace } from '../source.ts';
import { BEGINNING, type Cursor, cursorText, loadChangePage, parseCursor } from './changePage.ts';
import type { LogContext } from './logContext.ts';
import { onLog } from './logProblem.ts';
import { changesPruned, lookAtLog } from './lookAtLog.ts';
import { isBefore } from './snapshotSql.ts';

/** As the database prints one. */
const SNAPSHOT = /^\d+:\d+:[\d,]*$/;

/** One pass (rule 3): the snapshot first, then the pages of what is visible in it and not in some of `since`. */
export async function startPass(
  context: LogContext,
  since: readonly Position[],
  pace: ReadPace,
  signal: AbortSignal,
  resume?: { readonly upTo: Position; readonly cursor: string },
): Promise<ChangePass> {
  const { source } = context;
  const identity = await explained(source, signal, () => sourceIdentity(source, signal));
  const positions = resume === undefined ? since : [...since, resume.upTo];
  refuseStrangers(source, identity.system, positions);
  // Changes were followed by a modified column before: its instant says nothing of the log.
  if (positions.some(({ at }) => !SNAPSHOT.test(at))) throw changesPruned(source.index);
  // Of another way of following changes: what it has given is not known here.
  if (since.some(({ at }) => !/^\d+:\d+:/.test(at))) throw changesPruned(source.index);
  const now = await onLog(context, signal, () => lookAtLog(context, since, signal, identity));
  // Of another timeline numbers mean other transactions. So they do where a server does not know of them yet: it was put back.
  const isOfThisHistory = ({ timeline, at }: Position) => timeline === now.timeline && !isBefore(now.at, at);
  // Of other tables places in the cursor mean other places.
  const goesOn = resume !== undefined && isOfThisHistory(resume.upTo) && resume.upTo.relations === now.relations;
  const upTo = goesOn ? resume.upTo : now;
  const known = since.filter(isOfThisHistory);
  const refreshOwed: ('timeline' | 'relations')[] = [];
  if (known.length < since.length) refreshOwed.push('timeline');
  if (known.some(({ relations }) => relations !== upTo.relations)) refreshOwed.push('relations');
  const cursor = goesOn ? parseCursor(resume.cursor) : BEGINNING;
  return { upTo, refreshOwed, pages: readChanges(context, known, upTo, cursor, pace, signal) };
}

async function* readChanges(
  context: LogContext,
  since: readonly Position[],
  upTo: Position,
  from: Cursor | null,
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  if (since.length === 0) return;
  let cursor = from;
  while (cursor !== null) {
    signal.throwIfAborted();
    const at: Cursor = cursor;
    const read = await onLog(context, signal, () => loadChangePage(context, since, upTo, at, pace, signal));
    cursor = read.next;
    const { keys, refreshOwed } = read;
    if (keys.length === 0 && !refreshOwed) continue;
    const dependency = context.tables[at.table]?.dependency ?? null;
    const cursors = dependency === null ? [] : read.lasts.map(cursorText);
    yield { dependency, keys, cursors, refreshOwed, cursor: cursorText(cursor) };
  }
}
