import type { SourceContext } from '../postgres-source/context.ts';
import { explained } from '../postgres-source/explained.ts';
import { refuseStrangers } from '../postgres-source/refuseStrangers.ts';
import type { ChangePage, ChangePass, Position, ReadPace } from '../source.ts';
import { earliest } from './earliest.ts';
import { type GivenMemory, wasGiven } from './givenRows.ts';
import { takeBound } from './modifiedBound.ts';
import {
  BEGINNING,
  cursorText,
  latestStamp,
  loadModifiedPage,
  type ModifiedCursor,
  parseCursor,
} from './modifiedPage.ts';
import { instantOf, positionText } from './modifiedPosition.ts';
import { loadModifiedRows } from './modifiedRows.ts';

/** The bound taken now, as a position. */
export async function modifiedPosition(context: SourceContext, signal: AbortSignal): Promise<Position> {
  const { identity, below } = await takeBound(context, signal);
  return { ...identity, at: positionText(context.definition.modified ?? '', below), relations: '' };
}

/**
 * One pass (rule 8): the bound first, then the rows stamped since the bound before. What becomes visible after the
 * bound was taken is stamped at or after it, so a row that moves while the pages are read is in this pass or in the next.
 * A position of another timeline gets no keys: the clock of the server that took over may be behind, so its instant says
 * nothing of what was stamped since, and the refresh that is owed looks at every row.
 */
export async function startModifiedPass(
  context: SourceContext,
  memory: GivenMemory,
  since: readonly Position[],
  pace: ReadPace,
  signal: AbortSignal,
  resume?: { readonly upTo: Position; readonly cursor: string },
): Promise<ChangePass> {
  const now = await explained(context, signal, () => modifiedPosition(context, signal));
  refuseStrangers(context, now.system, resume === undefined ? since : [...since, resume.upTo]);
  const goesOn = resume !== undefined && resume.upTo.timeline === now.timeline;
  const upTo = goesOn ? resume.upTo : now;
  const known = since.filter(({ timeline }) => timeline === upTo.timeline);
  // A clock that was set back stamps below where it was: with the bound itself among them, such rows are still found.
  const instants = [...known, upTo].map((position) => instantOf(context, position));
  const cursor = goesOn ? parseCursor(resume.cursor) : BEGINNING;
  return {
    upTo,
    refreshOwed: known.length < since.length ? ['timeline'] : [],
    pages: readModified(context, memory, { known, instants, upTo, cursor, goesOn }, pace, signal),
  };
}

interface ModifiedSpan {
  readonly known: readonly Position[];
  /** The lowest is where reading begins. */
  readonly instants: readonly string[];
  readonly upTo: Position;
  /** null: nothing is left. */
  readonly cursor: ModifiedCursor | typeof BEGINNING | null;
  readonly goesOn: boolean;
}

async function* readModified(
  context: SourceContext,
  memory: GivenMemory,
  { known, instants, upTo, cursor: from, goesOn }: ModifiedSpan,
  pace: ReadPace,
  signal: AbortSignal,
): AsyncGenerator<ChangePage, void, undefined> {
  if (known.length === 0 || from === null) return;
  signal.throwIfAborted();
  const given = memory.since(known);
  // Who goes on with a pass may want no more than to look at its rows again, and not to have come as far as `upTo`.
  const collected = goesOn ? null : memory.pass(upTo);
  const rows = await explained(context, signal, () => loadModifiedRows(context, signal));
  const since = await explained(context, signal, () => earliest(context, instants, signal));
  let cursor =
    from === BEGINNING ? await explained(context, signal, () => firstCursor(context, rows, pace, signal)) : from;
  while (cursor !== null) {
    signal.throwIfAborted();
    const at: ModifiedCursor = cursor;
    const page = await explained(context, signal, () => loadModifiedPage(context, rows, since, at, pace, signal));
    cursor = page.next;
    for (const row of page.rows) collected?.add(row);
    const keys = page.rows.filter((row) => !wasGiven(given, row)).map(({ key }) => key);
    if (keys.length > 0) yield { dependency: null, keys, cursors: [], refreshOwed: false, cursor: cursorText(cursor) };
  }
  collected?.end();
}

async function firstCursor(
  context: SourceContext,
  rows: Awaited<ReturnType<typeof loadModifiedRows>>,
  pace: ReadPace,
  signal: AbortSignal,
): Promise<ModifiedCursor | null> {
  const upTo = await latestStamp(context, rows, pace, signal);
  return upTo === null ? null : { upTo, after: null };
}
