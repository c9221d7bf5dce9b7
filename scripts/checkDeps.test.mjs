import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRepository } from './root.mjs';

let tree;
beforeEach(() => {
  tree = mkdtempSync(path.join(os.tmpdir(), 'reindeer-deps-'));
  for (const name of ['biome.json', '.gitignore']) cpSync(inRepository(name), path.join(tree, name));
});
afterEach(() => rmSync(tree, { recursive: true }));

const importing = (name) => `import * as other from '${name}';\nexport const it = other;\n`;

test.each([
  ['packages/core/src/a.ts', '@reindeer/ledger'],
  ['packages/core/src/deep/a.ts', 'node:fs'],
  ['packages/core/src/a.ts', 'pg'],
  ['packages/ledger/src/a.ts', '@reindeer/engine'],
  ['packages/ledger/src/a.ts', 'ioredis'],
  ['packages/config/src/a.ts', '@reindeer/connectors'],
  ['packages/runtime/src/a.ts', '@reindeer/app-worker'],
  ['packages/connectors/src/a.ts', '../../ledger/src/ledger.ts'],
  ['packages/queue/src/a.ts', '@reindeer/ledger/lease'],
  ['packages/engine/src/a.ts', '@reindeer/queue'],
  ['packages/engine/src/a.ts', 'bullmq'],
  ['apps/worker/src/a.ts', '@reindeer/app-scheduler'],
  ['apps/worker/src/a.ts', 'bullmq'],
  ['apps/dashboard/src/a.ts', 'ioredis'],
  ['apps/cli/src/a.ts', 'bullmq'],
])('%s must not import %s', (file, name) => {
  const { code, output } = check({ [file]: importing(name) });
  expect(output).toContain('noRestrictedImports');
  expect(code).toBe(1);
});

test.each([
  ['packages/core/src/a.ts', 'node:crypto'],
  ['packages/core/src/a.test.ts', '@reindeer/ledger'],
  ['packages/ledger/src/a.ts', '@reindeer/core'],
  ['packages/queue/src/a.ts', 'bullmq'],
  ['packages/queue/src/a.ts', 'ioredis'],
  ['packages/engine/src/a.ts', '@reindeer/ledger/lease'],
  ['apps/worker/src/a.ts', '@reindeer/engine'],
  ['apps/dashboard/src/a.ts', 'bullmq'],
  ['apps/cli/src/a.ts', '@reindeer/app-worker'],
  ['test/integration/a.test.ts', 'ioredis'],
])('%s may import %s', (file, name) => {
  expect(check({ [file]: importing(name) })).toMatchObject({ code: 0 });
});

test.each(['import', 'import type'])('a cycle made with "%s" is found', (word) => {
  const { code, output } = check({
    'packages/core/src/a.ts': `${word} { B } from './b.ts';\nexport class A { b?: B }\n`,
    'packages/core/src/b.ts': `${word} { C } from './c.ts';\nexport class B { c?: C }\n`,
    'packages/core/src/c.ts': `${word} { A } from './a.ts';\nexport class C { a?: A }\n`,
  });
  expect(output).toContain('noImportCycles');
  expect(code).toBe(1);
});

/** Runs the repository's own check on a tree of these files. */
function check(files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [inRepository('scripts', 'checkDeps.mjs'), tree], {
    encoding: 'utf8',
  });
  return { code: status, output: stdout + stderr };
}
