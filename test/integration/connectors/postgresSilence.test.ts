import { afterEach, beforeEach, expect, it } from 'vitest';
import { StatementGuard } from '../../../packages/connectors/src/postgres/cancel.ts';
import { openPool } from '../../../packages/connectors/src/postgres/pool.ts';
import { delayingProxy } from '../../support/delayingProxy.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers.ts';
import type { TcpProxy } from '../../support/tcpProxy.ts';

let database: FreshDatabase;
let proxy: TcpProxy;
beforeEach(async () => {
  database = await freshDatabase('silence');
  const { hostname, port } = new URL(database.url);
  proxy = await delayingProxy({ host: hostname, port: Number(port) }, 'never answered', 60_000);
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

it('gives up a statement that the server never answers, and keeps one for which there is no limit', async () => {
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const pool = openPool(url.href, {});
  const client = await pool.connect();
  client.on('error', () => {});
  const guard = new StatementGuard(pool, client, 0, new AbortController().signal);
  guard.limit(0);
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  guard.limit(100);
  await expect(client.query(`select 'never answered'`)).rejects.toThrow(/terminated/);
  expect(guard.dropped).toBe(true);
  await guard.end();
  client.release(true);
  await pool.end();
});
