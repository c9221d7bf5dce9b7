import { formatCount, formatDuration } from '@reindeer/core';
import type { IndexOverview, RefusedLately } from '@reindeer/ledger';
import { formatClock, formatLeft } from '../terminal/format.ts';
import type { Colors } from '../terminal/terminal.ts';

type Followed = Pick<
  IndexOverview,
  'index' | 'changes' | 'feed' | 'lagSeconds' | 'soaking' | 'generations' | 'refusedLately'
>;

/** In one line what `caughtUp: false` means to whoever searches. */
export const NOT_CAUGHT_UP =
  'changes are not followed: what changes in the source is in the index after the next refresh or rebuild';

/** Keys that wait are counted up to here. */
const MANY_KEYS = 100_000;
/** Refused documents are counted up to here. */
const MANY_REFUSED = 1_000;
/** Fewer are what passes by while the feed does its work. */
const WORTH_SAYING = 1_000;

/** `follows changes: lag 400 ms`, or what is wrong with the feed; null: the index has none. */
export function followText({ changes, feed, lagSeconds }: Followed, colors: Colors): string | null {
  if (feed === null) return null;
  if (feed.state === 'stands') return colors.red(`the feed stands. ${feed.detail}${moreOf(feed.run)}`);
  if (feed.state === 'begins') return colors.yellow(`the feed begins. ${feed.detail}`);
  const lag = `lag ${lagText(lagSeconds)}`;
  switch (changes) {
    case 'log':
      return `follows changes: ${lag}`;
    case 'modified-column':
      return `follows changes by a column: ${lag}; deletes are found by refresh`;
    case 'none':
      return `follows requested keys: ${lag}; other changes are found by refresh or rebuild`;
  }
}

/** For a table. */
export function lagCell({ feed, lagSeconds }: Followed, colors: Colors): string {
  if (feed === null) return '-';
  if (feed.state === 'stands') return colors.red('stands');
  return feed.state === 'begins' ? colors.yellow('begins') : lagText(lagSeconds);
}

/** Keys of which somebody said that they changed, where they are more than pass by; null: there are none. */
export function requestedText({ feed }: Followed, least = WORTH_SAYING): string | null {
  if (feed === null || feed.requestedKeys === 0) return null;
  if (feed.requestedKeys < least && feed.state === 'follows') return null;
  const count = `${formatCount(feed.requestedKeys)}${feed.requestedKeys >= MANY_KEYS ? ' or more' : ''}`;
  return feed.requestedKeys === 1 ? '1 requested key waits' : `${count} requested keys wait`;
}

/** Generations that can be gone back to, a line each, with the command. */
export function soakingLines({ index, changes, soaking }: Followed, nowMs: number): readonly string[] {
  return soaking.map(({ generation, until, secondsLeft }, at) => {
    const left = `until ${formatClock(until, nowMs)}, ${formatLeft(secondsLeft * 1_000)} left`;
    const command = `reindeer rollback ${index}${at === 0 ? '' : ` ${generation}`}`;
    if (changes === 'none') return `${generation} is kept ${left}, without what changed since: ${command}`;
    return `${generation} soaks ${left}: ${command}`;
  });
}

/** What somebody would look for and not find, or find as it was; null: nothing was refused lately. */
export function refusedLatelyText({ refusedLately }: Pick<Followed, 'refusedLately'>): string | null {
  if (refusedLately === null) return null;
  return `${refusedCount(refusedLately)} within the last hour; unless mended since, what is found is older, or nothing: reindeer show ${refusedLately.run}`;
}

export function refusedCount({ documents }: RefusedLately): string {
  const many = documents >= MANY_REFUSED ? ' or more' : '';
  return `${formatCount(documents)}${many} ${documents === 1 ? 'document' : 'documents'}`;
}

/** Generations that were built to their end and then refused, newest first: a person may promote them. */
export function refusedLines({ index, generations }: Followed): readonly string[] {
  return generations
    .filter(({ state, settledAt }) => state === 'failed' && settledAt !== null)
    .map(
      ({ name, refusedReason, run }) =>
        `${name} is built and was refused (${refusedReason ?? 'error'}): reindeer show ${run}; as it is: reindeer promote ${index} ${name}`,
    );
}

/** What a table of generations says beside their state. */
export function generationNote(
  { state, staleReason, soakUntil, refusedReason, settledAt }: IndexOverview['generations'][number],
  nowMs: number,
): string {
  if (refusedReason !== null) return `${settledAt === null ? 'ended' : 'refused'}: ${refusedReason}`;
  if (staleReason !== null)
    return staleReason === 'soaked' ? 'soaked: not kept current' : `not kept current: ${staleReason}`;
  if (state === 'retained' && soakUntil !== null) return `soaks until ${formatClock(soakUntil, nowMs)}`;
  return '';
}

function lagText(seconds: number | null): string {
  return seconds === null ? '-' : formatDuration(seconds * 1_000);
}

function moreOf(run: number | null): string {
  return run === null ? '' : ` More: reindeer show ${run}`;
}
