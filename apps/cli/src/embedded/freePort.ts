import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port on 127.0.0.1 that is free now: `preferred` when it is. Somebody else may still be quicker to take it. */
export async function freePort(preferred: number | null = null): Promise<number> {
  if (preferred !== null) {
    try {
      return await tryPort(preferred);
    } catch {
      // Taken meanwhile: any other one will do.
    }
  }
  return tryPort(0);
}

async function tryPort(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
