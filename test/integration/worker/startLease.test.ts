import { query } from '@reindeer/ledger';
import { createLogger } from '@reindeer/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startLease } from '../../../apps/worker/src/startLease.ts';
import { type TcpProxy, tcpProxy } from '../../support/tcpProxy.ts';
import { type TestLedger, testLedger } from '../ledger/fixture.ts';

const WORKER_ID = '00000000-0000-4000-8000-000000000001';
const WORKER = { worker: WORKER_ID, name: 'test', host: 'here', pid: 1, app: 'worker', version: '0' } as const;

let t: TestLedger;
let proxy: TcpProxy;
beforeEach(async () => {
  t = await testLedger('lease');
});
afterEach(async () => {
  await proxy.close();
  await t.close();
});

it('is asked for again where the ledger does not answer in time at the start: the worker lives', async () => {
  const url = new URL(t.database.url);
  const ledger = { host: url.hostname, port: Number(url.port) };
  let connections = 0;
  proxy = await tcpProxy(
    () => ledger,
    (client, upstream) => {
      connections += 1;
      // The first hears nothing, ever.
      if (connections > 1) client.pipe(upstream).pipe(client);
    },
  );
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const lost: Error[] = [];
  const lease = await startLease(t.ledger, url.href, WORKER, {
    leaseMs: 2_000,
    hangMs: 60_000,
    logger: createLogger({ app: 'worker', level: 'silent' }),
    onLost: (error) => lost.push(error),
  });
  expect(connections).toBeGreaterThan(1);
  expect(await query(t.ledger, `select name from workers where stopped_at is null`)).toEqual([{ name: 'test' }]);
  await lease.end();
  expect(lost).toEqual([]);
});
