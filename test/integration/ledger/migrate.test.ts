import { assertSchemaAccepted, migrateLedger, openLedger, query, SCHEMA_VERSION } from '@reindeer/ledger';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';

let database: FreshDatabase;
let ledger: ReturnType<typeof openLedger>;
beforeEach(async () => {
  database = await freshDatabase('migrate');
  ledger = openLedger({ url: database.url });
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

/** What a later program's migration leaves behind. */
async function later(accepts: number | null): Promise<void> {
  await query(ledger, `insert into migrations (version, name, checksum, accepts) values ($1, 'later', 'x', $2)`, [
    SCHEMA_VERSION + 1,
    accepts,
  ]);
}

it('migrates once, however many come together, and not again', async () => {
  const results = await Promise.all(Array.from({ length: 4 }, () => migrateLedger(ledger)));
  expect(results.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  expect(await migrateLedger(ledger)).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION, applied: [] });
  await assertSchemaAccepted(ledger);
});

it('works on beside a newer program whose migration is additive', async () => {
  await migrateLedger(ledger);
  await later(SCHEMA_VERSION);
  await assertSchemaAccepted(ledger);
  expect(await migrateLedger(ledger)).toMatchObject({ from: SCHEMA_VERSION + 1, applied: [] });
});

it.each([SCHEMA_VERSION + 1, null])('refuses a newer schema that does not accept it (%s)', async (accepts) => {
  await migrateLedger(ledger);
  await later(accepts);
  await expect(assertSchemaAccepted(ledger)).rejects.toMatchObject({ code: 'ledger-newer' });
  await expect(migrateLedger(ledger)).rejects.toMatchObject({ code: 'ledger-newer' });
});

it('waits for a migration where there is none, and where the schema is too old', async () => {
  await expect(assertSchemaAccepted(ledger)).rejects.toMatchObject({ code: 'ledger-not-migrated' });
  await migrateLedger(ledger);
  await query(ledger, `delete from migrations where version = $1`, [SCHEMA_VERSION]);
  await query(ledger, `alter table migrations drop column accepts`);
  await expect(assertSchemaAccepted(ledger)).rejects.toMatchObject({ code: 'ledger-not-migrated' });
});
