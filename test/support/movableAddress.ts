import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** One address of a server that may be now here and now there, as a name or a virtual address is that a failover moves. */
export interface MovableAddress {
  readonly port: number;
  /** New connections lead to this port from now on; null: nowhere. Those that are open are cut off, unless they are `kept`. */
  moveTo(port: number | null, open?: 'kept'): void;
  close(): Promise<void>;
}

export async function movableAddress(): Promise<MovableAddress> {
  let target: number | null = null;
  const sockets = new Set<Socket>();
  const cutOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (target === null) return client.destroy();
    const upstream = createConnection(target, '127.0.0.1');
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
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    moveTo(port, open) {
      target = port;
      if (open !== 'kept') cutOff();
    },
    async close() {
      cutOff();
      await new Promise((closed) => server.close(closed));
    },
  };
}
