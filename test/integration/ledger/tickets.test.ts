import { drawTicket, query, raiseTickets } from '@reindeer/ledger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planned, type TestLedger, testLedger } from './fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('tickets');
});
afterEach(() => t.close());

it('draws are unique and increasing, however many draw at once', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, []);
  const slice = await t.claim(worker, run, 'slice', 1);
  const drawers = Array.from({ length: 8 }, async () => {
    const mine: number[] = [];
    for (let draw = 0; draw < 50; draw += 1) mine.push((await drawTicket(t.ledger, slice)).ticket);
    expect(mine).toEqual([...mine].sort((a, b) => a - b));
    return mine;
  });
  const all = (await Promise.all(drawers)).flat();
  expect(new Set(all).size).toBe(400);
});

it('draws lie below a durable bound, and go on above it when the last draw is lost (rule 2)', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, []);
  const slice = await t.claim(worker, run, 'slice', 1);
  const { ticket } = await drawTicket(t.ledger, slice);
  const [before] = await query<{ bound: string }>(t.ledger, `select bound from ticket_bound`);
  expect(Number(before?.bound)).toBeGreaterThan(ticket);
  // What a crash does to an unlogged table.
  await query(t.ledger, `truncate ticket_last`);
  const again = await drawTicket(t.ledger, slice);
  expect(again.ticket).toBeGreaterThan(Number(before?.bound));
  const [after] = await query<{ bound: string }>(t.ledger, `select bound from ticket_bound`);
  expect(Number(after?.bound)).toBeGreaterThan(again.ticket);
});

it('raising is for floors above the last draw only', async () => {
  const worker = await t.worker();
  const { run } = await planned(t, worker, []);
  const slice = await t.claim(worker, run, 'slice', 1);
  const { ticket } = await drawTicket(t.ledger, slice);
  expect(await raiseTickets(t.ledger, ticket - 1)).toBe(false);
  expect(await raiseTickets(t.ledger, ticket + 7_200_000_000)).toBe(true);
  expect((await drawTicket(t.ledger, slice)).ticket).toBe(ticket + 7_200_000_001);
});
