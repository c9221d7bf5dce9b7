import type { ResolvedConfig } from '@reindeer/config';
import type { Ledger } from '@reindeer/ledger';
import type { Logger } from '@reindeer/runtime';
import type { RequestHandler } from 'express';
import { sessionOf } from '../access/signIn.ts';
import { RunFeed } from './RunFeed.ts';

/** So often the reader is told that the stream lives, and the ledger is asked whether the session does. */
const KEEP_ALIVE_MS = 5_000;
/** A browser connects again by itself, and must then still be signed in. */
const LIFETIME_MS = 5 * 60_000;
/** One that reads more slowly than runs change is cut off, and connects again: what it has not read waits in memory. */
const MAX_UNREAD_BYTES = 1_000_000;

/**
 * `GET /api/v1/events`: server-sent events named `run`, each with a run that has changed. Ends with the dashboard, and
 * within 5 s of the session.
 */
export function eventRoute(
  config: ResolvedConfig['dashboard'],
  ledger: Ledger,
  logger: Logger,
  stopping: AbortSignal,
): RequestHandler {
  const onError = (err: unknown) => logger.warn({ err }, 'events: the ledger does not answer');
  const feed = new RunFeed(ledger, onError);
  return (request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // Proxies that gather an answer before they pass it on would keep it for ever.
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    const write = (text: string) => {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(text);
    };
    write('retry: 2000\n\n');
    const end = () => response.end();
    const alive = setInterval(() => {
      write(': alive\n\n');
      sessionOf(config, ledger, request).then((session) => {
        if (session === null) end();
      }, onError);
    }, KEEP_ALIVE_MS);
    const over = setTimeout(end, LIFETIME_MS);
    stopping.addEventListener('abort', end, { once: true });
    const unlisten = feed.listen((run) => write(`event: run\ndata: ${JSON.stringify(run)}\n\n`));
    response.on('close', () => {
      unlisten();
      clearInterval(alive);
      clearTimeout(over);
      stopping.removeEventListener('abort', end);
    });
  };
}
