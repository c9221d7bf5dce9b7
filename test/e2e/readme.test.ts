import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Deployment, deploy } from '../support/deployment.ts';
import { until } from '../support/until.ts';

let d: Deployment;
beforeEach(async () => {
  d = await deploy('readme', 'postgres');
});
afterEach(() => d.close());

it("the README's configuration and its search work as they stand there", async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  const search = /`(select body from books [^`]*)`/.exec(readme)?.[1];
  if (example === undefined || search === undefined) throw new Error('The README has no example any more.');
  await d.db.query(`create table book (id bigint primary key, title text not null, author text not null)`);
  await d.db.query(
    `insert into book values (1, 'A Winter Book', 'Tove Jansson'), (2, 'The Summer Book', 'Tove Jansson')`,
  );
  // The test deploys with .mjs; the example is TypeScript that is JavaScript too. No ports of others are taken.
  await writeFile(
    join(d.directory, 'reindeer.config.mjs'),
    example.replace('indexes: {', 'telemetry: { port: 0 }, indexes: {'),
  );
  const env = { REINDEER_LEDGER_URL: d.databaseUrl, REINDEER_QUEUE_URL: d.queueUrl, SHOP_DATABASE_URL: d.databaseUrl };

  const checked = await d.reindeer(['check', '--connect'], env);
  expect(checked.code, checked.stderr + checked.stdout).toBe(0);
  await d.start('scheduler', env);
  await d.start('worker', env);
  const found = await until('the index to answer', async () => {
    const { rows } = await d.db.query(`select to_regclass('books') is not null as there`);
    return rows[0].there && (await d.db.query(search)).rows;
  });
  expect(found).toEqual([
    { body: { id: 1, title: 'A Winter Book', author: 'Tove Jansson', label: 'A Winter Book, Tove Jansson' } },
  ]);
});
