import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchClient } from '../integration/connectors/searchClient.ts';
import { type Deployment, deploy, lastJson } from '../support/deployment.ts';
import { openSearchUrl } from '../support/openSearch.ts';
import { until } from '../support/until.ts';

interface Run {
  state: string;
  generation: string;
  documents: Record<string, number>;
  differences: Record<string, number>;
  examples: readonly { kind: string; document: string }[];
}

const MAJORS = [3, 2] as const;
const urls = await Promise.all(MAJORS.map(async (major) => [major, await openSearchUrl(major)] as const));
const NONE = { missing: 0, extra: 0, stale: 0 };

describe.each(urls)('OpenSearch %i as a sink, as a user drives it', (major, url) => {
  describe.skipIf(url === null)('with a server', () => {
    const server = searchClient(url ?? '');
    let d: Deployment;
    let index: string;

    beforeEach(async () => {
      d = await deploy(`opensearch${major}`, 'postgres');
      index = `books_${randomBytes(4).toString('hex')}`;
      await d.db.query(`create table book (id bigint primary key, title text not null, price numeric not null)`);
      await d.db.query(`insert into book select n * 1000003, 'Volume ' || n, 0.10 + n from generate_series(1, 2000) n`);
      await d.configure(
        `{ ${index}: { source: { connection: 'db', table: 'public.book', key: ['id'] },
           sink: { connection: 'search', mappings: { dynamic: 'strict', properties: { id: { type: 'long' }, title: { type: 'text' }, price: { type: 'double' } } },
                   settings: { number_of_replicas: 0, refresh_interval: '7s' } },
           shards: 8, rebuild: { slices: 8 } } }`,
        `connections: { db: { kind: 'postgres', url: ${JSON.stringify(d.databaseUrl)} }, search: { kind: 'opensearch', url: ${JSON.stringify(url)} } },`,
      );
    });
    afterEach(async () => {
      await d.close();
      await server('DELETE', `${index},${index}_g*`);
    });

    it('names exactly what hands have changed, repairs exactly that, and then writes nothing', async () => {
      await d.start('scheduler');
      await d.start('worker');
      await settled();
      const { count } = await server('GET', `${index}/_count`);
      expect(count).toBe(2000);

      // 1,000,003 keeps ids far apart; the hands go through the name that readers use.
      const id = (n: number) => String(n * 1_000_003);
      const bulk: object[] = [];
      for (let n = 1; n <= 5; n += 1) bulk.push({ index: { _id: id(n) } }, { title: 'by hand' });
      for (let n = 101; n <= 105; n += 1) bulk.push({ update: { _id: id(n) } }, { doc: { title: 'edited' } });
      for (let n = 201; n <= 210; n += 1) bulk.push({ delete: { _id: id(n) } });
      for (let n = 1; n <= 10; n += 1) bulk.push({ index: { _id: `stranger-${n}` } }, { title: 'strange' });
      const answer = await server('POST', `${index}/_bulk`, `${bulk.map((line) => JSON.stringify(line)).join('\n')}\n`);
      expect(answer.errors).toBe(false);

      const different = { missing: 10, extra: 10, stale: 10 };
      const verified = await d.reindeer(['verify', index, '--json']);
      expect(verified.code, verified.stderr).toBe(4);
      const found = lastJson<Run>(verified);
      expect(found).toMatchObject({ differences: different, documents: { read: 2000, written: 0 } });
      const named = (kind: string) => found.examples.filter((one) => one.kind === kind).map((one) => one.document);
      const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => id(from + at));
      expect(named('missing').sort()).toEqual(ids(201, 210).sort());
      expect(named('stale').sort()).toEqual([...ids(1, 5), ...ids(101, 105)].sort());
      expect(named('extra').sort()).toEqual(Array.from({ length: 10 }, (_, at) => `stranger-${at + 1}`).sort());

      const repaired = await d.reindeer(['run', index, 'refresh', '--wait', '--json']);
      expect(repaired.code, repaired.stderr).toBe(0);
      expect(lastJson<Run>(repaired)).toMatchObject({
        differences: different,
        documents: { written: 20, orphans: 10, unchanged: 1980 },
      });
      const again = await d.reindeer(['run', index, 'refresh', '--wait', '--json']);
      expect(lastJson<Run>(again)).toMatchObject({
        differences: NONE,
        documents: { written: 0, orphans: 0, deleted: 0 },
      });
      expect((await d.reindeer(['verify', index])).code).toBe(0);

      await server('POST', `${index}/_refresh`);
      const { hits } = await server('POST', `${index}/_search`, { size: 10_000 });
      expect(hits.hits).toHaveLength(2000);
      for (const hit of hits.hits) expect(hit._source.title).toMatch(/^Volume \d+$/);
    });

    it('takes the place of an ordinary index only where that is asked for', async () => {
      await server('PUT', index, { settings: { number_of_replicas: 0 } });
      await server('PUT', `${index}/_doc/1?refresh=true`, { title: 'mine' });
      await d.start('scheduler');
      await d.start('worker');
      await until('the start rule has failed', async () => {
        const { rows } = await d.db.query(`select reason from reindeer.runs where finished_at is not null`);
        return rows[0]?.reason === 'name-taken';
      });
      const refused = await d.reindeer(['run', index, '--wait']);
      expect(refused.code).toBe(1);
      expect(refused.stdout + refused.stderr).toContain(`reindeer run ${index} --adopt`);
      expect((await server('GET', `${index}/_count`)).count).toBe(1);

      const adopted = await d.reindeer(['run', index, '--adopt', '--wait']);
      expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
      expect((await server('GET', `${index}/_count`)).count).toBe(2000);
      const settings = Object.values(await server('GET', `${index}/_settings`))[0] as { settings: { index: object } };
      expect(settings.settings.index).toMatchObject({ refresh_interval: '7s', number_of_replicas: '0' });
    });

    async function settled(): Promise<void> {
      await until('a live generation, with nothing owed', async () => {
        const { rows } = await d.db.query(
          `select 1 from reindeer.generations where state = 'live'
                and not exists (select 1 from reindeer.owed_refreshes where discharged_at is null)
                and not exists (select 1 from reindeer.runs where finished_at is null)`,
        );
        return rows.length === 1;
      });
    }
  });
});
