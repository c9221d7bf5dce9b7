import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface DelayingProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Passes on what is sent to a server as it is, pieces that hold `text` after `delayMs`: a server that takes its time over
 * some requests, at no cost of CPU.
 */
export async function delayingProxy(
  to: { host: string; port: number },
  text: string,
  delayMs: number,
): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(to);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    upstream.pipe(client);
    let before = Promise.resolve();
    client.on('data', (piece) => {
      const due = piece.includes(text) ? wait(delayMs) : Promise.resolve();
      // Nothing overtakes what was sent before it.
      before = before.then(() => due).then(() => void (upstream.writable && upstream.write(piece)));
    });
    client.on('end', () => void before.then(() => upstream.end()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
