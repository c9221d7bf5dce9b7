// The rules are in biome.json, so that editors show them too; this runs them alone.
import { inRepository } from './root.mjs';
import { runThrough } from './runThrough.mjs';

process.exitCode = await runThrough(
  process.execPath,
  [
    inRepository('node_modules', '@biomejs', 'biome', 'bin', 'biome'),
    'lint',
    '--only=suspicious/noImportCycles',
    '--only=style/noRestrictedImports',
    '--max-diagnostics=200',
  ],
  // Its own test gives another tree, with the same biome.json.
  { cwd: process.argv[2] ?? inRepository() },
);
