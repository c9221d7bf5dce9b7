import { expect, it } from 'vitest';
import { type HeldGeneration, type KnownGeneration, type LedgerAndSink, ledgerStanding } from './ledgerBehind.ts';

const known = (number: number, more: Partial<KnownGeneration> = {}): KnownGeneration => {
  return { name: `g${number}`, nonce: `n${number}`, live: false, epoch: null, ticketBound: 100, ...more };
};
const held = (number: number, more: Partial<HeldGeneration> = {}): HeldGeneration => {
  return { name: `g${number}`, nonce: `n${number}`, ticketBound: 100, ledger: 'ours', ...more };
};
const live = known(1, { live: true, epoch: 1 });
const asked: LedgerAndSink = {
  ledger: 'ours',
  known: [live, known(2)],
  held: [held(1), held(2)],
  live: { name: 'g1', epoch: 1 },
};

it.each<[string, Partial<LedgerAndSink>, ReturnType<typeof ledgerStanding>['behind']]>([
  ['what it should be', {}, null],
  ['an empty sink', { held: [], live: null }, null],
  ['an empty ledger, whose generations another made', { known: [], held: [held(1, { ledger: 'before' })] }, null],
  ['a swap to one that it forgot', { held: [held(1), held(7)], live: { name: 'g7', epoch: 2 } }, 'swapped'],
  ['a swap to one that it knows', { live: { name: 'g2', epoch: 2 } }, 'swapped'],
  ['swaps there and back', { live: { name: 'g1', epoch: 3 } }, 'swapped'],
  ['a first swap', { known: [known(1)], live: { name: 'g1', epoch: 1 } }, 'swapped'],
  ['what a person moved, which keeps its epoch', { live: { name: 'g2', epoch: 1 } }, null],
  ['a swap that the sink has lost', { known: [known(1), known(2, { live: true, epoch: 2 })] }, 'sink'],
  [
    'a swap of another deployment',
    { held: [held(1), held(7, { ledger: 'theirs' })], live: { name: 'g7', epoch: 2 } },
    null,
  ],
  ['a swap of nobody knows whom', { held: [held(7, { ledger: null })], live: { name: 'g7', epoch: 2 } }, null],
  ['tickets further than it knows', { held: [held(1, { ticketBound: 101 })] }, 'tickets'],
  ['one that it forgot', { held: [held(1), held(7)] }, 'tickets'],
  ['a name that was issued again', { held: [held(2, { nonce: 'other', ledger: 'theirs', ticketBound: 900 })] }, null],
])('tells of %s', (_, change, behind) => {
  expect(ledgerStanding({ ...asked, ...change }).behind).toBe(behind);
});

it('gives the highest bound of its own, and what it forgot', () => {
  const more = [held(3, { ticketBound: 500 }), held(4, { ledger: 'theirs', ticketBound: 900 })];
  expect(ledgerStanding({ ...asked, held: [...asked.held, ...more] })).toMatchObject({ floor: 500, unknown: ['g3'] });
});
