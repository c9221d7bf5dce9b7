import { tcpProxy } from './tcpProxy.ts';

/** One address of a server that may be now here and now there, as a name or a virtual address is that a failover moves. */
export interface MovableAddress {
  readonly port: number;
  /** New connections lead to this port from now on; null: nowhere. Those that are open are cut off, unless they are `kept`. */
  moveTo(port: number | null, open?: 'kept'): void;
  close(): Promise<void>;
}

export async function movableAddress(): Promise<MovableAddress> {
  let target: number | null = null;
  const proxy = await tcpProxy(
    () => (target === null ? null : { host: '127.0.0.1', port: target }),
    (client, upstream) => client.pipe(upstream).pipe(client),
  );
  return {
    port: proxy.port,
    moveTo(port, open) {
      target = port;
      if (open !== 'kept') proxy.cutOff();
    },
    close: () => proxy.close(),
  };
}
