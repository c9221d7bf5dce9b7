import { bootstrap } from './bootstrap.mjs';
import { inRepository } from './root.mjs';
import { runThrough } from './runThrough.mjs';

const node = await bootstrap();
const cli = inRepository('apps', 'cli', 'bin', 'reindeer.mjs');
process.exitCode = await runThrough(node, [cli, 'demo', ...process.argv.slice(2)]);
