import { afterEach, describe, expect, it } from 'vitest';
import { type Backend, type Deployment, deploy } from '../../support/deployment.ts';
import { docsTable } from '../../support/docsTable.ts';
import { canStartRedis, type PrivateRedis, startPrivateRedis } from '../../support/privateRedis.ts';
import { until } from '../../support/until.ts';

const CONCURRENCY = 2;
const COLUMNS = ['Redis', 'PostgreSQL as the queue', 'ledger', 'each source', 'each sink'] as const;

type Counts = Record<string, number>;

let deployment: Deployment | undefined;
let redis: PrivateRedis | undefined;
afterEach(async () => {
  await deployment?.close();
  await redis?.stop();
  deployment = undefined;
  redis = undefined;
});

describe.each(['redis', 'postgres'] as const)('connections with the queue on %s', (backend) => {
  it.skipIf(backend === 'redis' && !canStartRedis).each([1, 5])(
    'are as many as docs/operate.md says, with %i indexes',
    async (indexes) => {
      const seen = await mostConnections(backend, indexes);
      const variables = { indexes, concurrency: CONCURRENCY };
      for (const row of await docsTable('operate.md', 'Connections')) {
        const app = row.process ?? '';
        for (const column of COLUMNS) {
          const most = seen[`${app}, ${column}`] ?? 0;
          expect.soft(most, `${app}, ${column}`).toBeLessThanOrEqual(evaluate(row[column] ?? '', variables));
        }
        const queue = backend === 'redis' ? 'Redis' : 'PostgreSQL as the queue';
        // The formula is not only a bound: these are held all the time.
        if (backend === 'redis' && app !== 'cli')
          expect.soft(seen[`${app}, ${queue}`], app).toBe(evaluate(row[queue] ?? '', variables));
        expect.soft(seen[`${app}, ledger`], `${app}, ledger`).toBeGreaterThan(0);
      }
      expect.soft(Object.keys(seen).filter((key) => !/^(worker|scheduler|dashboard|cli), /.test(key))).toEqual([]);
    },
  );
});

/** The most connections that each process had, by its name and what for, while all indexes were rebuilt at once. */
async function mostConnections(backend: Backend, indexes: number): Promise<Counts> {
  redis = backend === 'redis' ? await startPrivateRedis() : undefined;
  const d = await deploy('connections', backend, redis?.url);
  deployment = d;
  await d.db.query(
    `create table book (id bigint primary key, title text); insert into book select n, 'book ' || n from generate_series(1, 20000) n`,
  );
  const names = Array.from({ length: indexes }, (_, n) => `books${n}`);
  const entries = names.map(
    (name) =>
      `${name}: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' } }`,
  );
  const worker = `worker: { concurrency: ${CONCURRENCY}, batch: { maxDocuments: 500 } }`;
  await d.configure(`{ ${entries.join(', ')} }`, worker);
  await d.start('scheduler');
  await d.start('dashboard');
  await d.start('worker');

  const most: Counts = {};
  let running = true;
  // The scheduler starts what has never been built; commands look on, one at a time.
  const looking = lookUntilBuilt(d, indexes).finally(() => {
    running = false;
  });
  // Thrown where it is awaited.
  looking.catch(() => {});
  while (running) {
    const now = await countConnections(d);
    for (const [key, count] of Object.entries(now)) most[key] = Math.max(most[key] ?? 0, count);
  }
  await looking;
  return most;
}

async function lookUntilBuilt(d: Deployment, indexes: number): Promise<void> {
  for (;;) {
    const { code, stdout, stderr } = await d.reindeer(['status', '--json']);
    if (code !== 0) throw new Error(stderr);
    // The server may see it go only later, and the next one would seem to have twice as many.
    await until('the command has let go of its connections', async () =>
      Object.keys(await countConnections(d)).every((key) => !key.startsWith('cli,')),
    );
    const views = JSON.parse(stdout) as { live: unknown }[];
    if (views.filter(({ live }) => live !== null).length === indexes) return;
  }
}

async function countConnections(d: Deployment): Promise<Counts> {
  const { rows } = await d.db.query<{ name: string }>(
    `select application_name as name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  const clients = (await redis?.lines('CLIENT LIST')) ?? [];
  const keys = [
    ...rows.map(({ name }) => postgresKey(name)),
    ...clients.flatMap((line) => {
      const name = / name=(\S*)/.exec(line)?.[1];
      // One without a name is this test's own, or is about to tell its name.
      return name === undefined || name === '' ? [] : [`${appOf(name)}, Redis`];
    }),
  ];
  return Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, those]) => [key, those.length]));
}

function postgresKey(name: string): string {
  const end = /:(source|sink|queue|w)\b/.exec(name)?.[1];
  if (end === 'source' || end === 'sink') return `${appOf(name)}, each ${end}`;
  return `${appOf(name)}, ${end === undefined ? 'ledger' : 'PostgreSQL as the queue'}`;
}

function appOf(name: string): string {
  return /reindeer-(\w+)/.exec(name)?.[1] ?? name;
}

/** `2 + 2 × indexes` */
function evaluate(formula: string, variables: Readonly<Record<string, number>>): number {
  const number = (text: string) => variables[text.trim()] ?? Number(text);
  return formula
    .split('+')
    .map((term) =>
      term
        .split('×')
        .map(number)
        .reduce((a, b) => a * b, 1),
    )
    .reduce((a, b) => a + b, 0);
}
