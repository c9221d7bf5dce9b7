import { openLedger, setHold } from '@reindeer/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { gated, type RowGate, rowGate } from '../support/rowGate.ts';
import { until } from '../support/until.ts';

interface Run {
  run: number | null;
  shard: number | null;
  state: string;
  reason: string | null;
  generation: string;
  documents: Record<string, number>;
  differences: Record<string, number>;
}

const NONE = { missing: 0, extra: 0, stale: 0 };

describe('refresh and verify, as a user drives them', () => {
  let d: Deployment;
  /** For what must be stopped in its middle: the second half of each shard waits there while it is shut. */
  let gate: RowGate;

  beforeEach(async () => {
    d = await deploy('refresh', 'postgres');
    gate = rowGate(d.directory);
    await d.db.query(
      `create table book (id bigint primary key, title text not null, gone boolean not null default false)`,
    );
    await d.db.query(`insert into book select n, 'Volume ' || n from generate_series(1, 4000) n`);
  });
  afterEach(() => d.close());

  const configure = (more = '', rest = '') =>
    d.configure(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'], deleted: 'gone' }, sink: { connection: 'db' },
         transform: ${gated('(row.id - 1) % 1000 >= 500', 'row.id % 100 === 0 ? null : row')}, shards: 4, rebuild: { slices: 4 }, ${more} } }`,
      rest,
    );

  /** One generation is live, and what its rebuild left owed is paid. */
  async function settled(): Promise<string> {
    await until('a live generation, with nothing owed', async () => {
      const { rows } = await d.db.query<{ name: string }>(
        `select name from reindeer.generations g where state = 'live'
              and not exists (select 1 from reindeer.owed_refreshes where discharged_at is null)
              and not exists (select 1 from reindeer.runs where finished_at is null)`,
      );
      return rows.length === 1;
    });
    const { rows } = await d.db.query<{ name: string }>(`select name from reindeer.generations where state = 'live'`);
    return rows[0]?.name ?? '';
  }

  async function verify(...args: string[]) {
    const result = await d.reindeer(['verify', 'books', '--json', ...args]);
    return { ...result, run: lastJson<Run>(result), examples: lastJson<{ examples: object[] }>(result).examples };
  }

  it('names what differs by class, repairs exactly that, and then finds nothing', async () => {
    await configure();
    await d.start('scheduler');
    await d.start('worker');
    const live = await settled();
    expect((await verify()).run).toMatchObject({
      run: null,
      documents: { read: 4000, filtered: 40, unchanged: 3960 },
      differences: NONE,
    });

    // Missing: deleted in the index, or new in the source. Extra: no row, deleted softly, left out by the transform, a
    // stranger. Stale: changed rows, and documents that somebody wrote over.
    await d.db.query(`delete from ${live} where id in ('11', '12', '13')`);
    await d.db.query(`insert into book select n, 'new' from generate_series(5001, 5004) n`);
    await d.db.query(`delete from book where id in (21, 22)`);
    await d.db.query(`update book set gone = true where id in (31, 32, 33)`);
    await d.db.query(`update book set id = 6000 where id = 41`);
    await d.db.query(
      `insert into ${live} (id, body, s, b, t, deleted) values ('not a key', '{}', 0, 0, 0, false), ('007', '{}', 2, 5, 1, false)`,
    );
    await d.db.query(`update book set title = 'changed' where id in (51, 52, 53, 54)`);
    await d.db.query(`update ${live} set body = '{}', f1 = null, f2 = null where id in ('61', '3999')`);

    // 6000 is left out by the transform; its old document, 41, is extra.
    const different = { missing: 7, extra: 8, stale: 6 };
    const found = await verify();
    expect(found.run).toMatchObject({ run: null, state: 'completed', differences: different });
    expect(found.code).toBe(4);
    expect(found.stdout.trim().split('\n')).toHaveLength(5);
    expect(found.examples).toContainEqual(expect.objectContaining({ kind: 'extra', document: 'not a key' }));

    const repaired = await d.reindeer(['verify', 'books', '--repair', '--json']);
    expect(repaired.code, repaired.stderr).toBe(0);
    expect(lastJson<Run>(repaired)).toMatchObject({
      differences: different,
      documents: { written: 13, deleted: 0, orphans: 8, failed: 0 },
    });
    const again = await d.reindeer(['run', 'books', 'refresh', '--wait', '--json']);
    expect(lastJson<Run>(again)).toMatchObject({
      differences: NONE,
      documents: { written: 0, deleted: 0, orphans: 0 },
    });
    expect(again.code).toBe(0);
    expect(await difference()).toEqual({ wrong: 0, documents: 3958 });
    const { rows } = await d.db.query(
      `select count(*)::int as n from reindeer.generations where state = 'live' and name = $1`,
      [live],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('waits, in a verify, for what the rebuild before it left owed', async () => {
    await configure('', `worker: { concurrency: 1, batch: { maxDocuments: 50, inFlight: 1 } },`);
    await d.start('scheduler');
    await d.start('worker');
    await settled();
    const rebuilt = await d.reindeer(['run', 'books', '--wait']);
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect(rebuilt.stdout).toContain('A refresh follows');
    const verified = await verify();
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.run).toMatchObject({ state: 'completed', documents: { read: 4000 }, differences: NONE });
    const { rows } = await d.db.query(
      `select count(*)::int as owed from reindeer.owed_refreshes o join reindeer.generations g using (generation)
        where g.state = 'live' and o.discharged_at is null`,
    );
    expect(rows).toEqual([{ owed: 0 }]);
  });

  it('works on one shard, on a range of keys, and by force', async () => {
    await configure();
    await d.start('scheduler');
    await d.start('worker');
    await settled();
    await d.db.query(`update book set title = 'changed'`);
    const run = async (...args: string[]) => {
      const result = await d.reindeer(['run', 'books', 'refresh', '--wait', '--json', ...args]);
      expect(result.code, result.stderr).toBe(0);
      return lastJson<Run>(result);
    };
    // Across a shard's bound: keys 991 to 1010, without 1000, which the transform leaves out.
    expect(await run('--after', '990', '--up-to', '1010')).toMatchObject({
      shard: null,
      documents: { read: 20, written: 19, filtered: 1 },
      differences: { stale: 19 },
    });
    expect(await run('--shard', '3')).toMatchObject({ shard: 3, documents: { read: 1000, written: 990 } });
    expect(await run('--shard', '3', '--force')).toMatchObject({
      documents: { read: 1000, written: 990, filtered: 10 },
      differences: NONE,
    });
    const refused = await d.reindeer(['run', 'books', 'refresh', '--shard', '9']);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('no-shard')]);
    const wrong = await d.reindeer(['run', 'books', 'rebuild', '--shard', '1']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('whole index')]);
    const noKey = await d.reindeer(['run', 'books', 'refresh', '--after', '"x"', '--up-to', '5', '--wait']);
    expect([noKey.code, noKey.stderr + noKey.stdout]).toEqual([1, expect.stringContaining('cannot be compared')]);
  });

  it('finds bodies that were edited under their stamps where it is asked to look deep, and mends them', async () => {
    await configure();
    await d.start('scheduler');
    await d.start('worker');
    const live = await settled();
    await d.db.query(`update ${live} set body = jsonb_set(body, '{title}', '"edited"') where id in ('7', '8')`);
    expect((await verify()).code).toBe(0);
    const deep = await verify('--deep');
    expect(deep.code).toBe(4);
    expect(deep.run).toMatchObject({ documents: { read: 4000 }, differences: { ...NONE, stale: 2 } });
    expect(deep.examples).toContainEqual({ kind: 'stale', document: '7', detail: 'its body is not what its row says' });
    const mended = await verify('--deep', '--repair');
    expect([mended.code, mended.run.documents.written]).toEqual([0, 2]);
    expect(await difference()).toEqual({ wrong: 0, documents: 3960 });
    const wrong = await d.reindeer(['run', 'books', 'rebuild', '--deep']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('deep belongs to')]);
  });

  it('goes on from its checkpoint when the worker is killed', async () => {
    await configure(
      `refresh: { every: '1d' }`,
      `worker: { concurrency: 2, lease: '2s', batch: { maxDocuments: 20, inFlight: 1 } },`,
    );
    await d.start('scheduler');
    const first = await d.start('worker', gate.env);
    await settled();
    await d.db.query(`update book set title = 'changed'`);
    await d.db.query(`delete from book where id > 3000`);
    gate.shut();
    const asked = await d.reindeer(['run', 'books', 'refresh', '--json']);
    expect(asked.code, asked.stderr).toBe(0);
    await until('half of it is written', async () => {
      const { rows } = await d.db.query(
        `select coalesce(sum(t.written + t.orphans), 0)::int as n from reindeer.tasks t join reindeer.runs r using (run) where lane = 'refresh' and r.finished_at is null`,
      );
      return rows[0].n > 400;
    });
    await first.kill();
    gate.open();
    await d.start('worker', gate.env);
    await settled();
    expect(await difference()).toEqual({ wrong: 0, documents: 2970 });
    const { rows } = await d.db.query(
      `select max(claim_no)::int as claims, sum(written)::int as written, sum(orphans)::int as orphans,
              sum(read - written - unchanged - superseded - filtered - deleted - failed)::int as unaccounted
         from reindeer.tasks t join reindeer.runs r using (run) where t.kind = 'slice' and r.trigger = 'manual'`,
    );
    expect(rows[0]).toMatchObject({ written: expect.any(Number), unaccounted: 0 });
    expect(rows[0].claims).toBeGreaterThan(1);
    expect(rows[0].written).toBeLessThanOrEqual(2970);
  });

  it('counts each difference once in a verify whose worker is killed', async () => {
    await configure('', `worker: { concurrency: 2, lease: '2s', batch: { maxDocuments: 20, inFlight: 2 } },`);
    await d.start('scheduler');
    const first = await d.start('worker', gate.env);
    await settled();
    await d.db.query(`update book set title = 'changed' where id <= 3000`);
    await d.db.query(`delete from book where id > 3000`);
    gate.shut();
    const asked = await d.reindeer(['run', 'books', 'verify', '--json']);
    expect(asked.code, asked.stderr).toBe(0);
    const found = async () => {
      const { rows } = await d.db.query<{ missing: number; extra: number; stale: number; open: number }>(
        `select sum(t.missing)::int as missing, sum(t.extra)::int as extra, sum(t.stale)::int as stale,
                count(*) filter (where r.finished_at is null)::int as open
           from reindeer.tasks t join reindeer.runs r using (run) where r.lane = 'verify'`,
      );
      return rows[0] ?? { missing: 0, extra: 0, stale: 0, open: 0 };
    };
    await until('some of it is found', async () => (await found()).stale > 200);
    await first.kill();
    expect((await found()).open).toBeGreaterThan(0);
    gate.open();
    await d.start('worker', gate.env);
    await settled();
    // What the transform leaves out was never there.
    expect(await found()).toEqual({ missing: 0, extra: 990, stale: 2970, open: 0 });
  });

  it('ends as superseded when another generation is promoted meanwhile, and refuses what has no ground', async () => {
    await configure('', `worker: { concurrency: 4, batch: { maxDocuments: 10, inFlight: 1 } },`);
    await d.start('scheduler');
    const early = await d.reindeer(['run', 'books', 'refresh']);
    expect([early.code, early.stderr]).toEqual([3, expect.stringContaining('no-generation')]);
    await d.start('worker', gate.env);
    await settled();
    await d.db.query(`update book set title = 'changed'`);
    gate.shut();
    const asked = await d.reindeer(['run', 'books', 'refresh', '--shard', '0', '--json']);
    const { run } = lastJson<Run>(asked);
    await until('it works', async () => {
      const { rows } = await d.db.query(`select 1 from reindeer.tasks where run = $1 and kind = 'slice' and read > 0`, [
        run,
      ]);
      return rows.length > 0;
    });
    // By hand, as `reindeer pause` does it: a command takes longer to start than the run takes.
    const ledger = openLedger({ url: d.databaseUrl });
    await setHold(ledger, { index: 'books', lane: 'refresh', run: null, reason: 'paused', actor: 'test', note: null });
    await ledger.close();
    gate.open();
    expect((await d.reindeer(['run', 'books', '--wait'])).code).toBe(0);
    await until('it is superseded', async () => {
      const { rows } = await d.db.query(`select status, reason from reindeer.runs where run = $1`, [run]);
      return rows[0]?.status === 'cancelled' && rows[0]?.reason === 'superseded';
    });
  });

  /** What the index holds against what the table and the transform say. */
  async function difference(): Promise<{ wrong: number; documents: number }> {
    const { rows } = await d.db.query(
      `select (select count(*)::int from books) as documents,
              count(*)::int as wrong
         from (select * from book where id % 100 <> 0 and not gone) t full join books i on i.id = t.id::text
        where t.id is null or i.id is null or i.body->>'title' is distinct from t.title`,
    );
    return rows[0];
  }
});
