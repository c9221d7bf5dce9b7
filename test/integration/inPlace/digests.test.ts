import type { OpenIndex } from '@reindeer/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InPlaceFixture, inPlaceFixture, SINKS, searchUrl } from './fixture.ts';

const NONE = { missing: 0, extra: 0, stale: 0 };
const ROWS = 3_000;

/** Ten of each: the tenth, twentieth… from this key on. */
const ten = (from: number) => Array.from({ length: 10 }, (_, at) => String(from + at * 7));

describe.each(SINKS)('digests in %s', (sink) => {
  describe.skipIf(sink === 'opensearch' && searchUrl === null)('with a server', () => {
    let f: InPlaceFixture;
    beforeEach(async () => {
      f = await inPlaceFixture(sink, { shards: 2 });
      Object.assign(f.desk.settings.batch, { maxDocuments: 500 });
      await f.sql(`create table public.book (id bigint primary key, title text, price numeric)`);
      await f.sql(`insert into public.book select n, 'book ' || n, n * 1.10 from generate_series(1, ${ROWS}) n`);
      await f.sql('analyze public.book');
      await f.run('rebuild');
    });
    afterEach(() => f.close());

    it('read nothing of what is equal', async () => {
      const asked = countCalls(f);
      expect(await f.run('verify')).toMatchObject({
        status: 'completed',
        differences: NONE,
        tally: { read: ROWS, unchanged: ROWS },
      });
      expect(await f.run('refresh')).toMatchObject({ differences: NONE, tally: { read: ROWS, unchanged: ROWS } });
      expect(asked).toEqual({ fingerprints: 0, stored: 0, ids: 0, readKeys: 0, write: 0 });
    });

    it('name exactly 10 missing, 10 extra and 10 stale, look at few others, and a refresh mends just these', async () => {
      for (const id of ten(100)) await remove(id);
      await f.sql(`delete from public.book where id = any ($1::bigint[])`, [ten(1_000)]);
      await f.sql(`update public.book set title = 'changed' where id = any ($1::bigint[])`, [ten(2_000)]);
      const asked = countCalls(f);
      const seen = await f.run('verify');
      expect(seen).toMatchObject({ differences: { missing: 10, extra: 10, stale: 10 }, tally: { written: 0 } });
      const named = await f.sql(
        `select kind, array_agg(document order by document) as ids from differences
        where run = $1 group by kind order by kind`,
        [seen.run],
      );
      const sorted = (ids: readonly string[]) => ids.toSorted();
      expect(named).toEqual([
        { kind: 'extra', ids: sorted(ten(1_000)) },
        { kind: 'missing', ids: sorted(ten(100)) },
        { kind: 'stale', ids: sorted(ten(2_000)) },
      ]);
      expect(seen.tally).toMatchObject({ read: ROWS - 10, unchanged: ROWS - 30 });
      expect(asked.stored).toBeLessThan(ROWS / 2 + 1_500);
      expect(await f.run('refresh')).toMatchObject({
        tally: { written: 20, orphans: 10, unchanged: ROWS - 30, read: ROWS - 10 },
      });
      expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: ROWS - 10 } });
    });

    it('count each row once, however often the slice changes hands', async () => {
      await f.sql(`update public.book set title = 'changed' where id % 3 = 0`);
      await f.sql(`delete from public.book where id > 2900`);
      const run = await f.open('verify');
      await f.next(run);
      for (let turn = 1; turn <= 8; turn += 1) {
        const drain = new AbortController();
        let batches = 0;
        await f.next(run, {
          draining: drain.signal,
          async permit(work) {
            const done = await work();
            batches += 1;
            if (batches === turn) drain.abort();
            return done;
          },
        });
      }
      const seen = await f.finish(run);
      expect(seen).toMatchObject({
        status: 'completed',
        differences: { missing: 0, extra: 100, stale: 966 },
        tally: { read: 2_900, unchanged: 1_934 },
      });
    });

    it('cannot see ten bodies that were edited under their stamps; --deep does, and can mend them', async () => {
      for (const id of ten(500)) await editBody(id);
      expect(await f.run('verify')).toMatchObject({ differences: NONE, tally: { unchanged: ROWS } });
      const deep = await f.run('verify', { deep: true });
      expect(deep).toMatchObject({ differences: { ...NONE, stale: 10 }, tally: { read: ROWS, unchanged: ROWS - 10 } });
      expect(
        await f.sql(`select document, detail from differences where run = $1 order by document`, [deep.run]),
      ).toEqual(
        ten(500)
          .toSorted()
          .map((document) => ({ document, detail: 'its body is not what its row says' })),
      );
      expect(await f.run('refresh', { deep: true })).toMatchObject({ tally: { written: 10, unchanged: ROWS - 10 } });
      expect(await f.run('verify', { deep: true })).toMatchObject({ differences: NONE });
    });

    async function remove(id: string): Promise<void> {
      if (sink === 'postgres') await f.sql(`delete from public.${await f.live()} where id = $1`, [id]);
      else await f.search('POST', `${await f.live()}/_bulk`, `{"delete":{"_id":"${id}"}}\n`);
    }

    /** Whoever knows how Reindeer writes can leave no trace. */
    async function editBody(id: string): Promise<void> {
      const name = await f.live();
      if (sink === 'postgres') {
        await f.sql(
          `update public.${name} set body = jsonb_set(body, '{price}', '1.1000000000000000000001') where id = $1`,
          [id],
        );
        return;
      }
      const { _version, _source } = await f.search('GET', `${name}/_doc/${id}`);
      const kept = `version=${_version}&version_type=external_gte&refresh=true`;
      await f.search('PUT', `${name}/_doc/${id}?${kept}`, { ..._source, title: 'edited' });
    }
  });
});

describe('the digests of a rebuild', () => {
  let f: InPlaceFixture;
  afterEach(() => f.close());

  /** A rebuild whose documents are compared before it ends; `meanwhile` happens between. */
  async function rebuilt(meanwhile: (generation: string) => Promise<unknown>) {
    await f.sql(`create table public.book (id bigint primary key, title text)`);
    await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 200) n`);
    const run = await f.open('rebuild');
    await f.next(run);
    await f.sql(
      `insert into tasks (run, kind, number, work, shard, estimate) values ($1, 'slice', 100, 'digest', 0, 200)`,
      [run],
    );
    await f.next(run);
    const [row] = await f.sql(`select name from generations where run = $1`, [run]);
    await meanwhile(String(row?.name));
    return f.finish(run);
  }

  it('refuse a promotion of what is not what its rows say, and are no rows themselves', async () => {
    f = await inPlaceFixture('postgres');
    const seen = await rebuilt((name) => f.sql(`delete from public.${name} where id in ('7', '8')`));
    expect(seen).toMatchObject({
      status: 'failed',
      differences: { ...NONE, missing: 2 },
      tally: { read: 200, written: 200, unchanged: 0 },
    });
    expect(['digest-gate', 'count-gate']).toContain(seen.reason);
  });

  it('say by which gate', async () => {
    f = await inPlaceFixture('postgres');
    const seen = await rebuilt((name) => f.sql(`update public.${name} set f1 = 1 where id = '9'`));
    expect(seen).toMatchObject({ status: 'failed', reason: 'digest-gate', differences: { ...NONE, stale: 1 } });
  });

  it('leave out what the run was refused within its budget', async () => {
    f = await inPlaceFixture('postgres', {
      transform: (row) => {
        if (row.id === 5) throw new Error('No such author.');
        return row.id === 6 ? { ...row, title: 'nul \0' } : row;
      },
    });
    const seen = await rebuilt(async () => {});
    expect(seen).toMatchObject({
      status: 'completed',
      differences: NONE,
      tally: { read: 200, written: 198, failed: 2 },
    });
  });
});

describe('a difference in an index that is followed', () => {
  let f: InPlaceFixture;
  const told: unknown[] = [];
  beforeEach(async () => {
    told.length = 0;
    f = await inPlaceFixture('postgres');
    Object.assign(f.desk.context, {
      observer: { ...f.desk.context.observer, event: (...event: unknown[]) => told.push(event) },
    });
    await f.sql(`create table public.book (id bigint primary key, title text)`);
    await f.sql(`insert into public.book select n, 'book ' || n from generate_series(1, 100) n`);
    await f.run('rebuild');
    Object.assign(f.desk, { open: followed(f.desk.open) });
    await f.sql(
      `insert into consumers (generation, log, position, echoed, joined_at) select generation, 'source', '{}', '{}', now() from generations where state = 'live'`,
    );
    await f.sql(`update public.book set title = 'changed' where id in (7, 8)`);
  });
  afterEach(() => f.close());

  it('counts at once where no feed would come, and that is told', async () => {
    expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: { ...NONE, stale: 2 } });
    expect(JSON.stringify(told)).toContain('not-awaited');
  });

  it('counts only if it is still there after a pass that began after it was seen', async () => {
    await f.open('incremental');
    let looks = 0;
    const open = f.desk.open;
    Object.assign(f.desk, {
      async open(name: string): Promise<OpenIndex> {
        const index = await open(name);
        const readKeys: typeof index.source.readKeys = async (...question) => {
          looks += 1;
          const rows = await index.source.readKeys(...question);
          // After the look the feed writes what it was about to write, and its pass began after the look.
          if (looks === 1) {
            await f.sql(`update public.book set title = 'book 7' where id = 7`);
            await f.sql(`update consumers set passed_at = clock_timestamp() + interval '1 hour'`);
          }
          return rows;
        };
        return { ...index, source: { ...index.source, readKeys } };
      },
    });
    expect(await f.run('verify')).toMatchObject({ differences: { ...NONE, stale: 1 } });
    expect(looks).toBe(2);
    expect(JSON.stringify(told)).not.toContain('without a pass');
    expect(await f.run('refresh')).toMatchObject({ differences: { ...NONE, stale: 1 }, tally: { written: 1 } });
  });

  it('does not count a row that changes all the time, and that the feed keeps writing', async () => {
    await f.open('incremental');
    const open = f.desk.open;
    const name = await f.live();
    Object.assign(f.desk, {
      async open(asked: string): Promise<OpenIndex> {
        const index = await open(asked);
        const readKeys: typeof index.source.readKeys = async (...question) => {
          const rows = await index.source.readKeys(...question);
          // Between the row and what the sink holds the feed has written a newer one.
          await f.sql(`update public.${name} set t = t + 1, f1 = f1 + 1 where id = '7'`);
          await f.sql(`update consumers set passed_at = clock_timestamp() + interval '1 hour'`);
          return rows;
        };
        return { ...index, source: { ...index.source, readKeys } };
      },
    });
    const seen = await f.run('verify');
    expect(seen).toMatchObject({ differences: { ...NONE, stale: 1 } });
    expect(await f.sql(`select document from differences where run = $1`, [seen.run])).toEqual([{ document: '8' }]);
  });

  it('does not wait for ever for a feed that does not pass', async () => {
    await f.open('incremental');
    await f.sql(`update consumers set passed_at = clock_timestamp() - interval '1 hour'`);
    // Half of that is how long it is waited for a pass.
    Object.assign(f.desk.settings, { batchTimeoutMs: 20_000 });
    expect(await f.run('verify')).toMatchObject({ status: 'completed', differences: { ...NONE, stale: 2 } });
    expect(JSON.stringify(told)).toContain('too-late');
  });
});

function followed(open: InPlaceFixture['desk']['open']) {
  return async (name: string): Promise<OpenIndex> => {
    const index = await open(name);
    const { definition } = index;
    const source = { ...definition.source, changes: 'log' } as const;
    return { ...index, definition: { ...definition, source, incremental: { everyMs: 1 } } };
  };
}

/** Counts what is asked of source and sink beside digests: calls, and of `stored` the ids. */
function countCalls(f: InPlaceFixture) {
  const asked = { fingerprints: 0, stored: 0, ids: 0, readKeys: 0, write: 0 };
  const open = f.desk.open;
  Object.assign(f.desk, {
    async open(name: string): Promise<OpenIndex> {
      const { source, sink, ...index } = await open(name);
      return {
        ...index,
        source: {
          ...source,
          fingerprints: (...question) => {
            asked.fingerprints += 1;
            return source.fingerprints(...question);
          },
          readKeys: (...question) => {
            asked.readKeys += 1;
            return source.readKeys(...question);
          },
        },
        sink: {
          ...sink,
          stored: (...question) => {
            asked.stored += question[1].length;
            return sink.stored(...question);
          },
          ids: (...question) => {
            asked.ids += 1;
            return sink.ids(...question);
          },
          write: (...question) => {
            asked.write += 1;
            return sink.write(...question);
          },
        },
      };
    },
  });
  return asked;
}
