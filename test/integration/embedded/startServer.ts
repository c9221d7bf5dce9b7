// What the tests run as a process of its own, to kill it, or to run it as another user.
import { startEmbeddedPostgres } from '../../../apps/cli/src/embedded/index.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: start-server.ts DATA_DIR; ends with its stdin');
const server = await startEmbeddedPostgres({ dataDir, durable: false });
process.stdout.write(`${JSON.stringify({ url: await server.url('kept'), home: server.home })}\n`);
process.stdin.on('end', () => void server.stop()).resume();
