import { type IndexOverview, notApplied } from '@reindeer/ledger';
import { expect, test } from 'vitest';
import { memoryTerminal } from '../terminal/memoryTerminal.ts';
import {
  followText,
  generationNote,
  lagCell,
  refusedLatelyText,
  refusedLines,
  requestedText,
  soakingLines,
} from './followText.ts';
import { indexBlock } from './indexBlock.ts';
import { indexTable } from './indexTable.ts';
import { statusView } from './statusView.ts';

const { colors } = memoryTerminal().terminal;
const NOW = new Date(2026, 0, 1, 13, 18).getTime();
const generation = {
  name: 'cities_g5',
  number: 5,
  state: 'failed',
  run: 12,
  epoch: null,
  documents: 10,
  createdAt: new Date(NOW - 60_000).toISOString(),
  settledAt: new Date(NOW).toISOString(),
  promotedAt: null,
  retiredAt: null,
  droppedAt: null,
  refusedReason: 'canary-gate',
  staleReason: null,
  soakUntil: null,
} as const;
const followed: IndexOverview = {
  ...notApplied('cities'),
  live: { name: 'cities_g6', number: 6, documents: 10, promotedAt: null, caughtUp: false },
  changes: 'log',
  feed: { run: 7, state: 'follows', reason: null, detail: null, requestedKeys: 0 },
  lagSeconds: 0.4,
  generations: [generation],
  soaking: [
    { generation: 'cities_g4', number: 4, until: new Date(NOW + 47 * 60_000).toISOString(), secondsLeft: 2_820 },
    { generation: 'cities_g3', number: 3, until: new Date(NOW + 60_000).toISOString(), secondsLeft: 60 },
  ],
};
const view = (change: Partial<IndexOverview> = {}) =>
  statusView({ ...followed, ...change }, { ticks: [], health: [], lastRuns: [], troubles: [] });
const standing = {
  run: 7,
  state: 'stands',
  reason: 'not-caught-up',
  detail: 'It has not finished a pass for 3 min: The sink does not answer.',
  requestedKeys: 3,
} as const;

test.each([
  ['log', 'follows changes: lag 400 ms'],
  ['modified-column', 'follows changes by a column: lag 400 ms; deletes are found by refresh'],
  ['none', 'follows requested keys: lag 400 ms; other changes are found by refresh or rebuild'],
] as const)('says of %s what is followed', (changes, text) => {
  expect(followText({ ...followed, changes }, colors)).toBe(text);
});

test('says what is wrong with a feed that stands, and where more is', () => {
  const wrong = { ...followed, feed: standing };
  expect(followText(wrong, colors)).toBe(
    'the feed stands. It has not finished a pass for 3 min: The sink does not answer. More: reindeer show 7',
  );
  expect([lagCell(wrong, colors), lagCell(followed, colors), lagCell(notApplied('x'), colors)]).toEqual([
    'stands',
    '400 ms',
    '-',
  ]);
  expect(requestedText(wrong)).toBe('3 requested keys wait');
  expect(requestedText({ ...followed, feed: { ...standing, state: 'follows' } })).toBeNull();
  expect(requestedText({ ...followed, feed: { ...standing, requestedKeys: 100_000 } })).toBe(
    '100,000 or more requested keys wait',
  );
  expect(followText(notApplied('x'), colors)).toBeNull();
});

test('names the generations that can be gone back to, for how long, and how', () => {
  expect(soakingLines(followed, NOW)).toEqual([
    'cities_g4 soaks until 14:05, 47 min left: reindeer rollback cities',
    'cities_g3 soaks until 13:19, 1 min left: reindeer rollback cities cities_g3',
  ]);
  expect(soakingLines({ ...followed, changes: 'none' }, NOW)[0]).toContain('without what changed since');
});

test('says what was refused lately, and where to look', () => {
  expect(refusedLatelyText(followed)).toBeNull();
  const refusedLately = { documents: 1, run: 7, lastAt: new Date(NOW).toISOString() };
  expect(refusedLatelyText({ refusedLately })).toBe(
    '1 document within the last hour; unless mended since, what is found is older, or nothing: reindeer show 7',
  );
  expect(refusedLatelyText({ refusedLately: { ...refusedLately, documents: 1_000 } })).toContain(
    '1,000 or more documents',
  );
});

test('names what was built and refused, and what is not kept current', () => {
  expect(refusedLines(followed)).toEqual([
    'cities_g5 is built and was refused (canary-gate): reindeer show 12; as it is: reindeer promote cities cities_g5',
  ]);
  const note = (change: object) => generationNote({ ...generation, refusedReason: null, ...change }, NOW);
  expect(note({ state: 'retained', staleReason: 'soaked' })).toBe('soaked: not kept current');
  expect(note({ state: 'retained', staleReason: 'document-refused' })).toBe('not kept current: document-refused');
  expect(note({ state: 'live' })).toBe('');
});

test('a followed index is not said to be left alone', () => {
  const text = [...indexBlock(view(), NOW, colors), ...indexTable([view()], NOW, colors)].join('\n');
  expect(text).not.toContain('changes are not followed');
  expect(text).toContain('rollback   cities_g4 soaks until 14:05');
  expect(indexTable([view({ feed: standing })], NOW, colors).join('\n')).toContain('cities: the feed stands.');
  expect(indexTable([view({ changes: 'none', feed: null })], NOW, colors).join('\n')).toContain(
    'cities: changes are not followed',
  );
});
