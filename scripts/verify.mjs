import { bootstrap } from './bootstrap.mjs';
import { inRepository } from './root.mjs';
import { runThrough } from './runThrough.mjs';

const node = await bootstrap();
const bin = (...parts) => inRepository('node_modules', ...parts);
const biome = bin('@biomejs', 'biome', 'bin', 'biome');
const steps = [
  ['types', bin('typescript', 'bin', 'tsc'), '--noEmit'],
  ['format and lint', biome, 'check', '--error-on-warnings'],
  ['dependencies', inRepository('scripts', 'checkDeps.mjs')],
  ['unit tests', bin('vitest', 'vitest.mjs'), 'run', '--project', 'unit'],
];
const failed = [];
for (const [name, ...command] of steps) {
  console.log(`\n== ${name}`);
  if ((await runThrough(node, command, { cwd: inRepository() })) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nverify: all is well' : `\nverify: failed in ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
