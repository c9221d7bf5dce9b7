import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { freshPrefix } from '../support/servers.ts';
import { until } from '../support/until.ts';

const url = await openSearchUrl(3);

interface Run {
  readonly state: string;
  readonly documents: Record<string, number>;
  readonly differences: Record<string, number>;
}

describe.skipIf(url === null)('an index in OpenSearch, as a user drives it', () => {
  const client = searchClient(url ?? '');
  const index = freshPrefix('books');
  let d: Deployment;

  beforeEach(async () => {
    d = await deploy('opensearch', 'postgres');
  });
  afterEach(async () => {
    await d.close();
    await client('DELETE', `${index},${index}_g*`);
  });

  const configure = (mappings: string) =>
    d.configure(
      `{ '${index}': {
        source: { connection: 'db', table: 'public.book', key: ['id'] },
        sink: { connection: 'search', mappings: ${mappings}, settings: { number_of_replicas: 0 } },
        shards: 2, rebuild: { slices: 4 } } }`,
      `connections: { db: { kind: 'postgres', url: '${d.databaseUrl}' }, search: { kind: 'opensearch', url: '${url}' } },`,
    );

  it('is checked, rebuilt, searched, compared and repaired', async () => {
    await d.db.query('create table book (id bigint primary key, title text not null, pages int, big numeric)');
    await d.db.query(
      `insert into book select n, 'Volume ' || n, n % 700, 9007199254740993 from generate_series(1, 5000) n`,
    );
    await configure(`{ properties: { title: { type: 'text', analyzer: 'nonesuch' } } }`);
    const wrong = await d.reindeer(['check', '--connect']);
    expect(wrong.code).toBe(2);
    expect(wrong.stdout + wrong.stderr).toContain('nonesuch');

    await configure(`{ dynamic: false, properties: { title: { type: 'text' }, pages: { type: 'integer' } } }`);
    const right = await d.reindeer(['check', '--connect']);
    expect(right.code, right.stdout + right.stderr).toBe(0);
    expect(right.stdout).toContain('may be written');

    await d.start('scheduler');
    await d.start('worker');
    // Nothing is live, so the scheduler has started the first one by itself.
    const rebuilt = await until('the rebuild', async () => {
      const shown = await d.reindeer(['show', '1', '--json']);
      return shown.code === 0 && ['completed', 'failed'].includes(lastJson<Run>(shown).state) && lastJson<Run>(shown);
    });
    expect(rebuilt).toMatchObject({ state: 'completed', documents: { read: 5_000, written: 5_000, failed: 0 } });
    const { hits } = await client('POST', `${index}/_search`, { query: { match: { title: '4711' } } });
    expect(hits.hits.map(({ _id }: { _id: string }) => _id)).toEqual(['4711']);
    expect(JSON.stringify(hits.hits)).toContain('9007199254740993');

    // Its promotion owes a refresh of both shards; they come by themselves.
    const idle = `select count(*)::int as runs, count(finished_at)::int as ended from reindeer.runs`;
    await until('the owed refreshes', async () => {
      const { rows } = await d.db.query(idle);
      return rows[0].runs >= 3 && rows[0].runs === rows[0].ended;
    });

    // What changed at the source, and what people did in the index.
    await d.db.query(`update book set title = 'Changed' where id = 1; delete from book where id = 2`);
    await client('POST', `${index}/_update/3`, { doc: { title: 'by hand' } });
    await client('PUT', `${index}/_doc/stranger`, { title: 'nobody knows' });
    await client('POST', `${index}/_refresh`);
    const verified = await d.reindeer(['verify', index, '--json']);
    expect(verified.code, verified.stderr).toBe(4);
    expect(lastJson<Run>(verified).differences).toEqual({ missing: 0, extra: 2, stale: 2 });
    const repaired = await d.reindeer(['run', index, 'refresh', '--wait', '--json']);
    expect(repaired.code, repaired.stderr).toBe(0);
    const again = await d.reindeer(['verify', index, '--json']);
    expect(again.code, again.stdout).toBe(0);
  });
});
