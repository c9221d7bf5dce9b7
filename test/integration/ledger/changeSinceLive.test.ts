import { applyConfiguration, changeSinceLive, keptDefinition } from '@reindeer/ledger';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { type TestLedger, testLedger } from './fixture.ts';

let t: TestLedger;
beforeEach(async () => {
  t = await testLedger('change');
});
afterEach(() => t.close());

const made = { ...booksDefinition, name: 'books', fingerprint: 'made' };
const changed = {
  ...made,
  sink: { ...made.sink, mappings: { properties: { title: { type: 'keyword' } } } },
  transform: (row: object) => row,
  fingerprint: 'changed',
};

test('says what a configuration changes, before and after a scheduler has applied it', async () => {
  expect(await changeSinceLive(t.ledger, made)).toBeNull();
  await apply(made);
  await t.ledger.pool.query(
    `insert into generations (index, number, name, definition, state, run, nonce)
     select 'books', 1, 'books_g1', max(number), 'live', 1, 'nonce' from definitions where index = 'books'`,
  );
  expect(await changeSinceLive(t.ledger, made)).toBeNull();
  const change = { needs: 'rebuild', because: ['sink.mappings', 'transform'] };
  expect(await changeSinceLive(t.ledger, changed)).toMatchObject({ change, applied: false });
  await apply(changed);
  expect(await changeSinceLive(t.ledger, changed)).toMatchObject({ change, applied: true });
  // Somebody went back in the configuration alone.
  expect(await changeSinceLive(t.ledger, made)).toMatchObject({ change: { needs: 'nothing' }, applied: false });
});

async function apply(index: typeof made): Promise<void> {
  const { name, fingerprint, revision } = index;
  const applied = { name, fingerprint, revision, definition: keptDefinition(index) };
  await applyConfiguration(t.ledger, { fingerprint, appliedBy: 'test', indexes: [applied], force: true });
}
