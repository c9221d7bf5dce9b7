import type { Key, KeyRange, Ticket } from '@reindeer/core';
import { WHOLE_RANGE } from '@reindeer/core';
import type { Page, ReadPace, Source } from '../source.ts';

export interface ReadOptions {
  readonly range?: KeyRange;
  readonly maxDocuments?: number | (() => number);
  readonly maxBytes?: number;
  readonly ticket?: () => Promise<Ticket>;
  readonly signal?: AbortSignal;
}

/** A read with limits that nothing reaches, but for those given. Tickets count from 1. */
export function readSource(source: Source, options: ReadOptions = {}): AsyncIterable<Page> {
  const { maxDocuments = 1_000 } = options;
  const pace: ReadPace = {
    maxDocuments: typeof maxDocuments === 'number' ? () => maxDocuments : maxDocuments,
    maxBytes: options.maxBytes ?? 10_000_000,
    timeoutMs: 30_000,
  };
  let drawn = 0;
  const ticket =
    options.ticket ??
    (async () => {
      drawn += 1;
      return drawn;
    });
  return source.read(options.range ?? WHOLE_RANGE, pace, ticket, options.signal ?? new AbortController().signal);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The ids of all documents of the pages, in order. */
export function idsOf(pages: readonly Page[]): string[] {
  return pages.flatMap((page) => page.documents.map((document) => document.id));
}

/** Document by document, what its JSON says of a field: the very digits, not the number JavaScript makes of them. */
export function fieldOf(json: string, name: string): string {
  let found = '';
  JSON.parse(json, function (this: unknown, key: string, value: unknown, context?: { source?: string }) {
    if (key === name) found = typeof value === 'string' ? value : (context?.source ?? '');
    return value;
  } as (key: string, value: unknown) => unknown);
  return found;
}

export const range = (after: Key | null, upTo: Key | null): KeyRange => ({ after, upTo });
