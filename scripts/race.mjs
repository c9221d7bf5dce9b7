import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { inRepository } from './root.mjs';
import { runThrough } from './runThrough.mjs';

// Rounds of writers, feed, refreshes, rebuilds and promotions at once: `npm run test:race -- --rounds 1000 --seed 42`.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    sink: { type: 'string' },
    kind: { type: 'string' },
    lanes: { type: 'string' },
    trace: { type: 'boolean' },
  },
});
const given = Object.entries(values).map(([name, value]) => [`RACE_${name.toUpperCase()}`, String(value)]);
const node = await bootstrap();
process.exitCode = await runThrough(
  node,
  [inRepository('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'race', '--disable-console-intercept'],
  { cwd: inRepository(), env: { ...process.env, ...Object.fromEntries(given) } },
);
