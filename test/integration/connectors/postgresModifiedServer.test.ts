import { writeSync } from 'node:fs';
import { documentId } from '@reindeer/core';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modifiedBound } from '../../../packages/connectors/src/postgres-modified/index.ts';
import { openPostgresSource, openSourcePool } from '../../../packages/connectors/src/postgres-source/index.ts';
import type { Position, Source } from '../../../packages/connectors/src/source.ts';
import { testPool } from '../../support/testPool.ts';
import type { TestServer } from '../../support/testServer.ts';
import { hasOlderPostgres, startOlderPostgres } from './olderPostgres.ts';
import { ANY_PACE } from './postgresLogShop.ts';
import { cityDefinition } from './postgresShop.ts';

const signal = new AbortController().signal;
const LAG_MS = 60_000;
const definition = cityDefinition({ changes: 'modified-column', modified: 'updated_at', lagMs: LAG_MS });

if (!hasOlderPostgres) {
  writeSync(
    2,
    '\n!! SKIPPED: modified columns in servers set up for it. There is no PostgreSQL with initdb on PATH.\n',
  );
}

function openSource(url: string): Source {
  return openPostgresSource({
    connection: { name: 'shop', url },
    index: 'cities',
    fingerprint: 'first',
    definition,
    changes: { kind: 'modified-column' },
  });
}

/** What needs a server set up for it: transactions that are prepared, subscriptions, a replica. */
describe.skipIf(!hasOlderPostgres)('a modified column in a server with prepared transactions and subscriptions', () => {
  let server: TestServer | undefined;
  let writers: Pool;
  let readers: Pool;
  let source: Source;
  beforeAll(async () => {
    server = await startOlderPostgres(['max_prepared_transactions=5', 'wal_level=logical']);
    writers = testPool(server.url);
    readers = openSourcePool(server.url);
    source = openSource(server.url);
    await writers.query(`create table city (id bigint primary key, updated_at timestamptz not null default now())`);
    await writers.query('create index on city (updated_at, id)');
  });
  afterAll(async () => {
    await source?.close();
    await Promise.all([writers?.end(), readers?.end()]);
    await server?.stop();
  });

  const exactness = () => modifiedBound({ connection: 'shop', index: 'cities', definition, pool: readers }, signal);
  const changed = async (since: Position) => {
    const pass = await source.log?.changes([since], ANY_PACE, signal);
    const ids: string[] = [];
    for await (const { keys } of pass?.pages ?? []) ids.push(...keys.map(documentId));
    return { ids, upTo: pass?.upTo ?? since };
  };

  it('is held by a prepared transaction, which is taken to have begun `lag` before', async () => {
    expect(await exactness()).toBe('exact');
    const start = await source.position(signal);
    await writers.query(`begin; insert into city values (1); prepare transaction 'one'`);
    await writers.query(`insert into city values (2)`);
    expect(await exactness()).toEqual({
      lagMs: LAG_MS,
      because: expect.stringMatching(/^a prepared transaction is open .*pg_prepared_xacts/),
    });
    const first = await changed(start);
    expect(first.ids).toEqual(['2']);
    const { rows } = await writers.query<{ held: boolean }>(
      `select $1::timestamptz <= min(prepared) - make_interval(secs => $2) as held from pg_prepared_xacts`,
      [(JSON.parse(first.upTo.at) as string[])[1], LAG_MS / 1_000],
    );
    expect(rows[0]?.held).toBe(true);
    await writers.query(`commit prepared 'one'`);
    const second = await changed(first.upTo);
    expect(second.ids).toEqual(['1']);
    expect((await changed(second.upTo)).ids).toEqual([]);
    expect(await exactness()).toBe('exact');
  });

  it('lags where a subscription applies rows that another server has stamped', async () => {
    await writers.query(
      `create subscription s connection 'host=127.0.0.1 port=1' publication p with (connect = false, slot_name = none)`,
    );
    expect(await exactness()).toBe('exact');
    // Enabling one needs a slot on a publisher; who applies is told by the catalog alone.
    await writers.query(`set allow_system_table_mods = on; update pg_subscription set subenabled = true`);
    try {
      expect(await exactness()).toMatchObject({ lagMs: LAG_MS, because: expect.stringContaining('subscription') });
    } finally {
      await writers.query(`update pg_subscription set subenabled = false`);
      await writers.query('drop subscription s');
    }
  });

  it('is not followed on a replica', async () => {
    const replica = await startOlderPostgres([], { isReplica: true });
    const there = openSource(replica.url);
    try {
      await expect(there.position(signal)).rejects.toMatchObject({ code: 'modified-on-replica' });
      const elsewhere = await source.position(signal);
      await expect(there.log?.changes([elsewhere], ANY_PACE, signal)).rejects.toMatchObject({
        code: 'modified-on-replica',
      });
    } finally {
      await there.close();
      await replica.stop();
    }
  });
});
