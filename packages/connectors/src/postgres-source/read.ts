import type { KeyRange, Ticket } from '@reindeer/core';
import type { Page, ReadPace } from '../source.ts';
import type { SourceContext } from './context.ts';
import { explained } from './explained.ts';
import { type Layout, loadLayout } from './layout.ts';
import { loadPage } from './page.ts';

/**
 * Pages in key order. While the consumer works on one page the next is read, one and no more: two pages are the bound of
 * the memory. Each page is a statement of its own, so nothing holds back the server's cleaning up between them.
 */
export async function* readPages(
  context: SourceContext,
  range: KeyRange,
  pace: ReadPace,
  ticket: () => Promise<Ticket>,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  signal.throwIfAborted();
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  const layout = await explained(context, stop, () => loadLayout(context, stop));
  const size = new PageSize();
  let ahead = readNext(context, layout, range, pace, size, ticket, stop);
  try {
    for (;;) {
      const next = await ahead;
      signal.throwIfAborted();
      if (next === null) return;
      if (next.more) {
        ahead = readNext(context, layout, { after: next.page.last, upTo: range.upTo }, pace, size, ticket, stop);
        // Its failure is told when it is asked for, not as an unhandled one before.
        ahead.catch(() => {});
      }
      yield next.page;
      if (!next.more) return;
    }
  } finally {
    // The consumer may leave at any page: the read ahead must not outlive it.
    left.abort(new DOMException('The pages are no longer wanted.', 'AbortError'));
    await ahead.catch(() => {});
  }
}

async function readNext(
  context: SourceContext,
  layout: Layout,
  range: KeyRange,
  pace: ReadPace,
  size: PageSize,
  ticket: () => Promise<Ticket>,
  signal: AbortSignal,
): Promise<{ page: Page; more: boolean } | null> {
  // Rule 1: the ticket is there before the statement that reads what it versions. Its own errors are the caller's.
  const drawn = await orAborted(ticket(), signal);
  const limits = {
    maxDocuments: size.documents(pace.maxDocuments(), pace.maxBytes),
    maxBytes: pace.maxBytes,
    timeoutMs: pace.timeoutMs,
  };
  const next = await explained(context, signal, () => loadPage(context, layout, range, limits, drawn, signal));
  if (next !== null) size.learn(next.page);
  return next;
}

/** How many documents to ask for: the server makes each one before it sees that the page is full. */
class PageSize {
  #bytesPerDocument: number | null = null;

  documents(maxDocuments: number, maxBytes: number): number {
    const wanted = Math.max(1, Math.floor(maxDocuments));
    if (this.#bytesPerDocument === null) return wanted;
    // A quarter more than would fit: documents may be smaller from here on.
    return Math.min(wanted, Math.max(1, Math.ceil((1.25 * maxBytes) / this.#bytesPerDocument)));
  }

  learn(page: Page): void {
    this.#bytesPerDocument = page.bytes / page.documents.length;
  }
}

/** The value, or the signal's reason when it aborts first: a ticket's own wait may not end. */
async function orAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
