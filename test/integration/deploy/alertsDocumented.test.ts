import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('docs/operate.md names every alert of deploy/prometheus/alerts.yml, its severity, and no other', async () => {
  const rules = [...(await read('deploy/prometheus/alerts.yml')).matchAll(/- alert: (\w+)[\s\S]*?severity: (\w+)/g)];
  const rows = [...(await read('docs/operate.md')).matchAll(/^\| (Reindeer\w+) \| (\w+) \|/gm)];
  expect(rules.length).toBeGreaterThan(0);
  const pairs = (found: RegExpExecArray[]) => found.map(([, name, severity]) => [name, severity]);
  expect(pairs(rows)).toEqual(pairs(rules));
});
