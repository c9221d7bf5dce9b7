import type { Ledger } from '@reindeer/ledger';
import type { Logger } from '@reindeer/runtime';
import type { RequestHandler } from 'express';
import { RunFeed } from './RunFeed.ts';

const KEEP_ALIVE_MS = 15_000;
/** A browser connects again by itself, and must then still be signed in. */
const LIFETIME_MS = 5 * 60_000;

/** `GET /api/v1/events`: server-sent events named `run`, each with a run that has changed. Ends with the dashboard. */
export function eventRoute(ledger: Ledger, logger: Logger, stopping: AbortSignal): RequestHandler {
  const feed = new RunFeed(ledger, (err) => logger.warn({ err }, 'events: the ledger does not answer'));
  return (request, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // Proxies that gather an answer before they pass it on would keep it for ever.
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    response.write('retry: 2000\n\n');
    const end = () => response.end();
    const alive = setInterval(() => response.write(': alive\n\n'), KEEP_ALIVE_MS);
    const over = setTimeout(end, LIFETIME_MS);
    stopping.addEventListener('abort', end, { once: true });
    const unlisten = feed.listen((run) => response.write(`event: run\ndata: ${JSON.stringify(run)}\n\n`));
    response.on('close', () => {
      unlisten();
      clearInterval(alive);
      clearTimeout(over);
      stopping.removeEventListener('abort', end);
    });
  };
}
