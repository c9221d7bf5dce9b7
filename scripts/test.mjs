import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { inRepository } from './root.mjs';
import { runThrough } from './runThrough.mjs';

const node = await bootstrap();
const directory = mkdtempSync(path.join(os.tmpdir(), 'reindeer-counts-'));
const countsFile = path.join(directory, 'counts.json');
const code = await runThrough(
  node,
  [
    inRepository('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project=!bench',
    '--reporter=default',
    `--reporter=${inRepository('test', 'support', 'countReporter.ts')}`,
    ...process.argv.slice(2),
  ],
  { cwd: inRepository(), env: { ...process.env, REINDEER_TEST_COUNTS: countsFile } },
);
const { passed, failed, skipped } = readCounts();
rmSync(directory, { recursive: true });
// The last line, for whoever reads only that; nothing can be green that did not end well.
console.log(
  `\n${passed} passed, ${code === 0 ? failed : Math.max(failed, 1)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
process.exitCode = code;

function readCounts() {
  try {
    return JSON.parse(readFileSync(countsFile, 'utf8'));
  } catch {
    // It ended before its reporters were told.
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
