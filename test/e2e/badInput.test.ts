import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { until } from '../support/until.ts';

let d: Deployment;
beforeEach(async () => {
  d = await deploy('bad', 'postgres');
  await d.db.query(`create table book (id bigint primary key, title text, maybe int, twice int not null)`);
  await d.db.query(`insert into book select n, 'Volume ' || n, n, n % 3 from generate_series(1, 300) n`);
});
afterEach(() => d.close());

const source = (more: string) => `{ books: { source: { connection: 'db', ${more} }, sink: { connection: 'db' } } }`;

describe('check --connect', () => {
  it.each([
    ['an unknown table', `table: 'public.boook', key: ['id']`, ['indexes.books.source.table', 'boook', 'book']],
    ['a missing column', `table: 'public.book', key: ['idd']`, ['indexes.books.source.key', 'idd', 'id']],
    ['a key that may be null', `table: 'public.book', key: ['maybe']`, ['indexes.books.source.key', 'maybe']],
    [
      'a key that is not unique',
      `table: 'public.book', key: ['twice']`,
      ['indexes.books.source.key', 'twice', 'unique'],
    ],
    [
      'a condition that is no SQL',
      `table: 'public.book', key: ['id'], where: 'pages >'`,
      ['indexes.books.source.where'],
    ],
    [
      'a chosen column that is not there',
      `table: 'public.book', key: ['id'], columns: ['titel']`,
      ['indexes.books.source.columns', 'titel', 'title'],
    ],
  ])('names the place, the value and the remedy: %s', async (_, more, words) => {
    await d.configure(source(more));
    const result = await d.reindeer(['check', '--connect']);
    expect(result.code, result.stderr).toBe(2);
    for (const word of words) expect(result.stderr + result.stdout).toContain(word);
  });

  it('says which server does not answer', async () => {
    await d.configure(
      `{ books: { source: { connection: 'gone', table: 'public.book', key: ['id'] }, sink: { connection: 'db' } } }`,
      `connections: { db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }, gone: { kind: 'postgres', url: 'postgres://nobody:verysecret@127.0.0.1:1/x' } },`,
    );
    const result = await d.reindeer(['check', '--connect']);
    expect(result.code).toBe(1);
    expect(result.stderr + result.stdout).toContain('gone');
    expect(result.stderr + result.stdout).not.toContain('verysecret');
  });

  it('passes a configuration that works', async () => {
    await d.configure(source(`table: 'public.book', key: ['id']`));
    const result = await d.reindeer(['check', '--connect']);
    expect(result.code, result.stderr).toBe(0);
  });

  it('refuses a broken cron before anything starts', async () => {
    await d.configure(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, rebuild: { cron: '99 * * * *' } } }`,
    );
    for (const command of ['check', 'scheduler', 'worker', 'dashboard', 'run books', 'status']) {
      const result = await d.reindeer(command.split(' '));
      expect(result.code, command).toBe(2);
      expect(result.stderr, command).toContain('indexes.books.rebuild.cron');
    }
  });
});

describe('documents', () => {
  async function run(index: string): Promise<{
    code: number;
    view: { run: number; state: string; reason: string | null; documents: { failed: number; written: number } };
    stderr: string;
  }> {
    await d.configure(index);
    await d.start('scheduler');
    await d.start('worker');
    const asked = await until('the first run', async () => {
      const { rows } = await d.db
        .query(`select run::int from reindeer.runs where finished_at is not null`)
        .catch(() => ({ rows: [] }));
      return rows[0]?.run as number | undefined;
    });
    const result = await d.reindeer(['show', String(asked), '--json']);
    return { code: result.code, view: lastJson(result), stderr: result.stderr };
  }

  it('that a transform throws on are recorded with their ids, and the rest go on', async () => {
    const { view } = await run(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, errors: { maxFailed: 10, maxFailedShare: 0.1 },
         transform: (row) => { if (row.id % 100 === 0) throw new Error('no volume ' + row.id); return row; } } }`,
    );
    expect(view).toMatchObject({ state: 'completed', documents: { failed: 3, written: 297 } });
    const { rows } = await d.db.query(
      `select document, reason, detail from reindeer.failures where run = $1 order by document::int`,
      [view.run],
    );
    expect(rows).toEqual(
      [100, 200, 300].map((id) => ({
        document: String(id),
        reason: 'transform-failed',
        detail: `Error: no volume ${id}`,
      })),
    );
  });

  it('that the sink refuses do not stop the others, but more than the budget stop the promotion', async () => {
    const { view } = await run(
      `{ books: { source: { connection: 'db', table: 'public.book', key: ['id'] }, sink: { connection: 'db' }, errors: { maxFailed: 2 },
         transform: (row) => (row.id % 100 === 0 ? { ...row, title: 'nul \\u0000' } : row) } }`,
    );
    expect(view).toMatchObject({ state: 'failed', reason: 'error-budget' });
    const { rows } = await d.db.query(`select document from reindeer.failures order by document::int`);
    expect(rows.map((row) => row.document)).toEqual(['100', '200', '300']);
    const { rows: views } = await d.db.query(`select to_regclass('public.books') as there`);
    expect(views).toEqual([{ there: null }]);
    const retried = await d.reindeer(['retry', String(view.run)]);
    expect([0, 3]).toContain(retried.code);
  });

  it('never go into a table that is not ours', async () => {
    await d.db.query(`create table books (mine text)`);
    await d.db.query(`insert into books values ('precious')`);
    const { view } = await run(source(`table: 'public.book', key: ['id']`));
    expect(view).toMatchObject({ state: 'failed', reason: 'name-taken' });
    const { rows } = await d.db.query(`select mine from books`);
    expect(rows).toEqual([{ mine: 'precious' }]);
  });
});
