import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections and to whoever asks for any port. */
const FROM = 10_000;
const TO = 32_000;

/**
 * A port on 127.0.0.1 for a server that is started later, or more than once: nothing takes it meanwhile that did not ask for
 * this very one. Its number and the one 10,000 above, which a Redis Cluster needs too, are ports.
 */
export async function reservedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
