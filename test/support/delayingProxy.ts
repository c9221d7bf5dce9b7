import { setTimeout as wait } from 'node:timers/promises';
import { type TcpProxy, tcpProxy } from './tcpProxy.ts';

/**
 * Passes on what is sent to a server as it is, pieces that hold `text` after `delayMs`: a server that takes its time over
 * some requests, at no cost of CPU.
 */
export function delayingProxy(to: { host: string; port: number }, text: string, delayMs: number): Promise<TcpProxy> {
  return tcpProxy(
    () => to,
    (client, upstream) => {
      upstream.pipe(client);
      let before = Promise.resolve();
      client.on('data', (piece) => {
        const due = piece.includes(text) ? wait(delayMs) : Promise.resolve();
        // Nothing overtakes what was sent before it.
        before = before.then(() => due).then(() => void (upstream.writable && upstream.write(piece)));
      });
      client.on('end', () => void before.then(() => upstream.end()));
    },
  );
}
