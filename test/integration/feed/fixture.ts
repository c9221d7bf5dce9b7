import { openConnections } from '@reindeer/connectors';
import type { IndexDefinition, Lane } from '@reindeer/core';
import { readRun } from '@reindeer/ledger';
import { booksDefinition } from '../../support/booksDefinition.ts';
import { until } from '../../support/until.ts';
import { inPlaceFixture, type SinkKind } from '../inPlace/fixture.ts';

/**
 * One index whose changes are followed by a log, with real servers behind it. A test makes the feed's passes one by one,
 * and works on other runs' tasks between them.
 */
export async function feedFixture(
  sink: SinkKind,
  change: Partial<IndexDefinition> = {},
  { table = 'create table public.book (id bigint primary key, title text)', install = true } = {},
) {
  const { source, ...rest } = change;
  const definition = {
    ...rest,
    source: { ...booksDefinition.source, changes: 'log', ...source },
    incremental: { everyMs: 1 },
  } as const satisfies Partial<IndexDefinition>;
  const f = await inPlaceFixture(sink, definition);
  await f.sql(table);
  if (install) await installLog(f.t.database.url, { ...booksDefinition, ...definition });
  let feed = await f.open('incremental');

  /** One pass of the feed, whoever works on it. */
  async function pass(): Promise<void> {
    if ((await readRun(f.t.ledger, feed))?.finishedAt != null) feed = await f.open('incremental');
    const before = await passes();
    await until('a pass of the feed has ended', async () => {
      await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [feed]);
      await f.next(feed, { settings: { ...f.desk.settings, turnMs: 0 } });
      const [task] = await f.sql(`select error from tasks where run = $1 and error is not null`, [feed]);
      if (task !== undefined) throw new Error(`The feed failed: ${String(task.error)}`);
      return (await passes()) > before;
    });
  }

  async function passes(): Promise<number> {
    const [row] = await f.sql(`select coalesce(sum(checkpoint), 0)::int as passes from tasks where run = $1`, [feed]);
    return Number(row?.passes);
  }

  return {
    ...f,
    pass,
    get feed() {
      return feed;
    },
    /** Works on a run to its end; the feed passes meanwhile. */
    async work(lane: Lane, asked: Parameters<typeof f.open>[1] = {}) {
      const run = await f.open(lane, asked);
      return this.finish(run);
    },
    async finish(run: number) {
      await until(`run ${run} has ended`, async () => {
        await f.sql(`update tasks set not_before = now() where run = $1 and status = 'queued'`, [run]);
        await f.next(run);
        await pass();
        return (await readRun(f.t.ledger, run))?.finishedAt != null;
      });
      return f.finish(run);
    },
  };
}

export type FeedFixture = Awaited<ReturnType<typeof feedFixture>>;

/** Installs the triggers that an index's definition asks for. */
export async function installLog(url: string, definition: IndexDefinition): Promise<void> {
  const connections = openConnections({ db: { name: 'db', kind: 'postgres', url } }, { maxConnections: 2 });
  try {
    await connections.log(definition)?.install(new AbortController().signal);
  } finally {
    await connections.close();
  }
}
