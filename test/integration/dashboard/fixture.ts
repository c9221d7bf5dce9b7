import { type Dashboard, startDashboard } from '@reindeer/app-dashboard';
import type { ResolvedConfig, UserDefinition } from '@reindeer/config';
import type { IndexDefinition } from '@reindeer/core';
import { type Ledger, migrateLedger, openLedger, query } from '@reindeer/ledger';
import { openTaskQueue, type TaskQueue } from '@reindeer/queue';
import { createLogger } from '@reindeer/runtime';
import { PROMOTION } from '../../support/booksDefinition.ts';
import { freshDatabase, freshPrefix, redisUrl } from '../../support/servers.ts';
import { sourceDefinition } from '../../support/sourceDefinition.ts';

export const OPERATOR: UserDefinition = { name: 'ops', password: 'correct horse', role: 'operator' };
export const VIEWER: UserDefinition = { name: 'eve', password: 'battery staple', role: 'viewer' };

export interface Fixture {
  readonly config: ResolvedConfig;
  readonly ledger: Ledger;
  readonly queue: TaskQueue;
  /** One more dashboard on the same ledger and queue. */
  start(change?: Partial<ResolvedConfig['dashboard']>): Promise<Dashboard>;
  readonly logged: string[];
  end(): Promise<void>;
}

/** A ledger, a queue and as many dashboards as wanted, for one suite. */
export async function fixture(name: string, index: Partial<IndexDefinition> = {}): Promise<Fixture> {
  const database = await freshDatabase(name);
  const ledger = openLedger({ url: database.url });
  await migrateLedger(ledger);
  const queue = await openTaskQueue({ url: redisUrl(), prefix: freshPrefix(name), onError: () => {} });
  const config = configuration(index);
  const logged: string[] = [];
  const logger = createLogger({ app: 'dashboard', destination: { write: (line) => void logged.push(line) } });
  const started: Dashboard[] = [];
  return {
    config,
    ledger,
    queue,
    logged,
    async start(change = {}) {
      const dashboard = await startDashboard({
        config: { ...config, dashboard: { ...config.dashboard, ...change } },
        logger,
        ledger,
        queue,
        port: 0,
      });
      started.push(dashboard);
      return dashboard;
    },
    async end() {
      await Promise.all(started.map((dashboard) => dashboard.stop('test')));
      await Promise.all(
        (
          await Promise.all(queue.boardQueues(['cities']).map(({ queue: one }) => one.waitUntilReady().then(() => one)))
        ).map((one) => one.obliterate({ force: true })),
      );
      await queue.close();
      await ledger.close();
      await database.drop();
    },
  };
}

function configuration(change: Partial<IndexDefinition>): ResolvedConfig {
  const cities: IndexDefinition = {
    name: 'cities',
    source: sourceDefinition('shop', 'city'),
    sink: { connection: 'search', mappings: {}, settings: {} },
    transform: null,
    revision: null,
    shards: 1,
    rebuild: { schedule: null, freshForMs: null, sliceTargetMs: 60_000, slices: null, ...PROMOTION },
    refresh: { schedule: null },
    verify: { schedule: null },
    incremental: null,
    errors: { maxFailed: 100, maxFailedShare: 0.001 },
    fingerprint: 'f1',
    ...change,
  };
  return {
    path: '/etc/reindeer/reindeer.config.json',
    ledger: { url: null, schema: 'reindeer' },
    queue: { url: null, prefix: 'reindeer' },
    connections: {},
    indexes: { cities },
    worker: {
      concurrency: 4,
      leaseMs: 15_000,
      batchTimeoutMs: 120_000,
      turnMs: 300_000,
      drainTimeoutMs: 25_000,
      maxAttempts: 5,
      batch: { maxDocuments: 1_000, maxBytes: 5_000_000, inFlight: 2, targetMs: 1_000 },
    },
    scheduler: { sweepMs: 5_000 },
    retention: { runsMs: 7_776_000_000, generations: 2, failuresMs: 2_592_000_000 },
    dashboard: {
      host: '127.0.0.1',
      port: 3000,
      users: [OPERATOR, VIEWER],
      metricsToken: 'scrape me',
      sessionMs: 3_600_000,
    },
    telemetry: { host: '127.0.0.1', port: 0 },
    fingerprint: 'c1',
  };
}

/** Runs of an index `cities`: one that failed, one that completed and is live, one that is half done. */
export async function seedRuns(ledger: Ledger): Promise<void> {
  await query(ledger, `insert into indexes (index) values ('cities')`);
  await query(
    ledger,
    `insert into definitions (index, number, fingerprint, definition) values ('cities', 1, 'f1', '{}')`,
  );
  await query(
    ledger,
    `insert into runs (nonce, index, lane, definition, trigger, actor, phase, status, reason, error, expected, expected_exact,
                       planned_at, indexed_at, created_at, started_at, finished_at)
     values ('n1', 'cities', 'rebuild', 1, 'schedule', 'scheduler', 'building', 'failed', 'error-budget',
             '412 documents were refused, the index permits 100.', 138398, true, now(), null,
             now() - interval '2 days 1 minute', now() - interval '2 days 1 minute', now() - interval '2 days'),
            ('n2', 'cities', 'rebuild', 1, 'manual', 'ops', 'promoting', 'completed', null, null, 138398, true, now(), now() - interval '1 hour',
             now() - interval '61 minutes', now() - interval '61 minutes', now() - interval '1 hour'),
            ('n3', 'cities', 'rebuild', 1, 'schedule', 'scheduler', 'building', 'running', null, null, 138398, true, now(), null,
             now() - interval '20 seconds', now() - interval '20 seconds', null)`,
  );
  await query(
    ledger,
    `insert into generations (index, number, name, definition, state, run, nonce, epoch, documents, promoted_at)
     values ('cities', 2, 'cities_g2_k3f9', 1, 'live', 2, 'n2', 1, 138398, now() - interval '1 hour'),
            ('cities', 3, 'cities_g3_p7ax', 1, 'building', 3, 'n3', null, null, null)`,
  );
  await query(ledger, `update runs r set generation = g.generation from generations g where g.run = r.run`);
  await query(
    ledger,
    `insert into tasks (run, kind, number, after, up_to, estimate, status, cursor, read, written, failed, attempts, started_at, progressed_at)
     select run, 'slice', n, case when n > 1 then jsonb_build_array(((n - 1) * 34600)::text) end,
            case when n < 4 then jsonb_build_array((n * 34600)::text) end, 34600,
            case when run = 3 and n = 3 then 'running' when run = 3 and n = 4 then 'queued' else 'completed' end,
            jsonb_build_array((n * 30000)::text),
            case when run = 3 and n = 3 then 11200 when run = 3 and n = 4 then 0 else 34599 end,
            case when run = 3 and n = 3 then 11200 when run = 3 and n = 4 then 0 when run = 1 then 34496 else 34599 end,
            case when run = 1 then 103 else 0 end, 0, now() - interval '20 seconds', now() - interval '2 seconds'
       from generate_series(1, 3) as run, generate_series(1, 4) as n`,
  );
  await query(
    ledger,
    `insert into failures (run, slice, index, generation, document, reason, detail, fingerprint)
     values (1, 2, 'cities', null, '5128581', 'mapper_parsing', 'population: "n/a" is no number <script>alert(1)</script>', 'f')`,
  );
  await query(
    ledger,
    `insert into decisions (index, lane, shard, outcome, reason, run, count, first_slot, last_slot)
     values ('cities', 'rebuild', -1, 'skipped', 'fresh', null, 12, 1790000000000,
             (extract(epoch from now()) * 1000)::bigint - 90000)`,
  );
  await query(
    ledger,
    `insert into owed_refreshes (index, generation, shard, cause)
     select 'cities', generation, 0, 'not-caught-up' from generations where state = 'live'`,
  );
}

/** Requests as one browser sends them: keeps the session, follows no redirect. */
export function browser(url: string) {
  let cookie = '';
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
    const answer = await fetch(new URL(path, url), {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie === '' ? {} : { Cookie: cookie }), ...init.headers },
    });
    const set = answer.headers.getSetCookie()[0];
    if (set !== undefined) cookie = set.split(';')[0] ?? '';
    return answer;
  };
  return {
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    page: (path: string) => send(path, { headers: { Accept: 'text/html' } }),
    /** As a form or a script of the page itself sends it. */
    act: (
      path: string,
      body: Record<string, string> | null = null,
      method = 'POST',
      headers: Record<string, string> = {},
    ) =>
      send(path, {
        method,
        headers: { Origin: new URL(url).origin, ...headers },
        ...(body === null ? {} : { body: new URLSearchParams(body) }),
      }),
    /** As a script calls the API: with the session, and without what only browsers send. */
    post: (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      send(path, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    signIn: (user: UserDefinition, next = '/') =>
      send('/sign-in', {
        method: 'POST',
        headers: { Origin: new URL(url).origin },
        body: new URLSearchParams({ name: user.name, password: user.password, next }),
      }),
    cookie: () => cookie,
    takeCookie(value: string) {
      cookie = value;
    },
  };
}

/**
 * An index `cities` whose log is followed: one generation is live, one soaks, one has soaked, and one was built and
 * refused; its feed is run 4.
 */
export async function seedFollowed(ledger: Ledger): Promise<void> {
  await query(ledger, `insert into indexes (index, changes, feed_every_ms) values ('cities', 'log', 1000)`);
  await query(
    ledger,
    `insert into definitions (index, number, fingerprint, definition) values ('cities', 1, 'f1', '{}')`,
  );
  await query(
    ledger,
    `insert into runs (nonce, index, lane, definition, trigger, actor, phase, status, reason, error, planned_at, indexed_at,
                       caught_up, created_at, started_at, finished_at)
     values ('n1', 'cities', 'rebuild', 1, 'manual', 'ops', 'promoting', 'completed', null, null, now(), now() - interval '2 days',
             true, now() - interval '2 days', now() - interval '2 days', now() - interval '2 days'),
            ('n2', 'cities', 'rebuild', 1, 'manual', 'ops', 'promoting', 'completed', null, null, now(), now() - interval '1 day',
             true, now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'),
            ('n3', 'cities', 'rebuild', 1, 'manual', 'ops', 'promoting', 'completed', null, null, now(), now() - interval '13 minutes',
             true, now() - interval '15 minutes', now() - interval '15 minutes', now() - interval '12 minutes'),
            ('n4', 'cities', 'incremental', 1, 'start', 'scheduler', 'building', 'running', null, null, now(), null,
             false, now() - interval '2 days', now() - interval '2 days', null),
            ('n5', 'cities', 'rebuild', 1, 'schedule', 'scheduler', 'verifying', 'failed', 'count-gate',
             '138398 documents were written, but only 138390 can be found.', now(), now() - interval '3 minutes',
             false, now() - interval '5 minutes', now() - interval '5 minutes', now() - interval '2 minutes')`,
  );
  await query(
    ledger,
    `insert into generations (index, number, name, definition, state, run, nonce, epoch, documents, settled_at, promoted_at,
                              retired_at, soak_until, stale_reason)
     values ('cities', 2, 'cities_g2_k3f9', 1, 'retained', 1, 'n1', 1, 138398, now(), now() - interval '2 days',
             now() - interval '1 day', now() - interval '23 hours', 'soaked'),
            ('cities', 3, 'cities_g3_p7ax', 1, 'retained', 2, 'n2', 2, 138398, now(), now() - interval '1 day',
             now() - interval '12 minutes', now() + interval '48 minutes', null),
            ('cities', 4, 'cities_g4_w2bb', 1, 'live', 3, 'n3', 3, 138398, now(), now() - interval '12 minutes', null, null, null),
            ('cities', 5, 'cities_g5_q1zz', 1, 'failed', 5, 'n5', null, 138390, now(), null, null, null, null)`,
  );
  await query(ledger, `update runs r set generation = g.generation from generations g where g.run = r.run`);
  await query(
    ledger,
    `insert into consumers (generation, log, position, echoed, joined_at, passed_at)
     select generation, log, p, p, now() - interval '12 minutes', case log when 'source' then now() - interval '400 ms' end
       from generations, (values ('source'), ('requested')) as l (log),
            lateral (select jsonb_build_object('system', ledger_system(), 'at', pg_current_snapshot()::text) as p) as at
      where number in (3, 4)`,
  );
  await query(ledger, `insert into run_places (index, place, shard, run) values ('cities', 'incremental', -1, 4)`);
  await query(
    ledger,
    `insert into tasks (run, kind, number, shard, work, status, read, written, deleted, started_at, progressed_at)
     values (4, 'slice', 1, -1, 'changes', 'running', 1204, 1190, 14, now() - interval '2 days', now())`,
  );
}
