import { setTimeout as wait } from 'node:timers/promises';
import type { OpenIndex } from '@reindeer/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type InPlaceFixture, inPlaceFixture, searchUrl } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };

let f: InPlaceFixture;
afterEach(() => f.close());

async function books(sink: 'postgres' | 'opensearch'): Promise<void> {
  f = await inPlaceFixture(sink);
  Object.assign(f.desk.settings, { maxAttempts: 10 });
  await f.sql(`create table public.book (id bigint primary key, title text)`);
  await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 100) n`);
  await f.run('rebuild');
}

/** Works on tasks when they are due, as workers do, until the run has ended. */
async function workOn(run: number): Promise<void> {
  await until('the run has ended', async () => {
    const [due] = await f.sql(`select 1 from tasks where run = $1 and status = 'queued' and not_before <= now()`, [
      run,
    ]);
    if (due !== undefined) await f.next(run);
    const [ended] = await f.sql(`select 1 from runs where run = $1 and finished_at is not null`, [run]);
    return ended !== undefined;
  });
}

/** Calls `when` after the first pages of a slice that follows. */
function onceMidway(when: () => Promise<unknown>): void {
  let batches = 0;
  Object.assign(f.desk, {
    async permit<T>(work: () => Promise<T>): Promise<T> {
      batches += 1;
      if (batches === 3) await when();
      return work();
    },
  });
}

describe('a refresh while its servers are away', () => {
  it.skipIf(searchUrl === null)('goes on where it was when the sink takes writes again', async () => {
    await books('opensearch');
    await f.sql(`update public.book set title = 'changed'`);
    await f.sql(`delete from public.book where id > 90`);
    const name = await f.live();
    const run = await f.open('refresh', { shard: 0 });
    const block = (blocked: boolean | null) => f.search('PUT', `${name}/_settings`, { 'index.blocks.write': blocked });
    onceMidway(() => block(true));
    await f.next(run);
    await f.next(run);
    const [waiting] = await f.sql(`select error, written, attempts from tasks where run = $1 and number = 1`, [run]);
    expect(waiting).toMatchObject({ attempts: 1, error: expect.stringContaining('takes no writes') });
    await block(null);
    await workOn(run);
    const seen = await f.finish(run);
    expect(seen).toMatchObject({ status: 'completed', tally: { read: 90, orphans: 10, failed: 0 } });
    // A batch whose answer was not waited for is found to be right, and not counted as written.
    expect(seen.tally.written + seen.tally.unchanged).toBe(90);
    expect(seen.differences).toEqual({ missing: 0, extra: 10, stale: seen.tally.written });
    expect(await f.run('verify')).toMatchObject({ differences: NONE });
  });

  it('goes on where it was when the source is back', async () => {
    await books('postgres');
    await f.sql(`update public.book set title = 'changed'`);
    const run = await f.open('refresh', { shard: 0 });
    // Ends every statement on the source that is under way, and every connection to it.
    onceMidway(() =>
      f.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'reindeer:source'`,
      ),
    );
    await workOn(run);
    const seen = await f.finish(run);
    expect(seen).toMatchObject({ status: 'completed', tally: { read: 100, failed: 0 } });
    expect(seen.tally.written + seen.tally.unchanged).toBe(100);
    expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: 100 } });
  });
});

describe('a verify beside writers', () => {
  it('does not report what a second look does not confirm', async () => {
    await books('postgres');
    await f.sql(`update public.book set title = 'another' where id = 7`);
    await f.sql(`delete from public.book where id = 8`);
    // Between the two looks the writer takes back what it did.
    const open = f.desk.open;
    let asked = 0;
    Object.assign(f.desk, {
      async open(name: string): Promise<OpenIndex> {
        const index = await open(name);
        return {
          ...index,
          source: {
            ...index.source,
            async readKeys(...question: Parameters<typeof index.source.readKeys>) {
              asked += 1;
              if (asked === 1) await f.sql(`update public.book set title = 'book 7' where id = 7`);
              else await f.sql(`insert into public.book values (8, 'book 8') on conflict do nothing`);
              return index.source.readKeys(...question);
            },
          },
        };
      },
    });
    expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: NONE });
    expect(asked).toBe(2);
  });

  it('reports nothing that is right at its end, whoever writes meanwhile', async () => {
    await books('postgres');
    const stop = new AbortController();
    const writing = (async () => {
      // What a writer inserts and takes away again was never in the index, and is no difference by itself.
      for (let n = 1_000; !stop.signal.aborted; n += 1) {
        await f.sql(`insert into public.book values ($1, 'passing')`, [n]);
        await f.sql(`delete from public.book where id = $1`, [n]);
        await wait(1);
      }
    })();
    const seen = await f.run('refresh');
    stop.abort();
    await writing;
    expect(seen.status).toBe('completed');
    await f.run('refresh');
    expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: 100 } });
  });
});
