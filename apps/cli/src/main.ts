import manifest from '../package.json' with { type: 'json' };
import { runProgram } from './program.ts';

// `reindeer runs | head`: the reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
process.exit(await runProgram(process.argv.slice(2), manifest.version));
