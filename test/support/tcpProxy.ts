import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Ends all connections that are open. */
  cutOff(): void;
  close(): Promise<void>;
}

/**
 * Leads connections on to a server. @param to asked for each; null: it is ended at once
 * @param pass passes on what either side sends; that one of the two goes when the other does is done here
 */
export async function tcpProxy(
  to: () => { readonly host: string; readonly port: number } | null,
  pass: (client: Socket, upstream: Socket) => void,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const cutOff = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    const target = to();
    if (target === null) return client.destroy();
    const upstream = createConnection(target);
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
    pass(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cutOff,
    async close() {
      cutOff();
      await new Promise((closed) => server.close(closed));
    },
  };
}
