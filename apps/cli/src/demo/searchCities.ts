import type { ResolvedConfig } from '@reindeer/config';
import { openConnections } from '@reindeer/connectors';
import { formatCount } from '@reindeer/core';

export interface Answer {
  readonly query: string;
  readonly ms: number;
  readonly hits: readonly string[];
}

/** Words, an "exact phrase" and a -not: what people type. */
const QUERIES = ['paris fr', '"san jose"', 'cambridge -us', 'tokyo or kyoto'] as const;
const HITS = 3;

/** A few searches in the index that is live, with the time each took from here. */
export async function searchCities(config: ResolvedConfig, index: string, signal: AbortSignal): Promise<Answer[]> {
  const definition = config.indexes[index];
  if (definition === undefined) return [];
  const connections = openConnections(config.connections, { maxConnections: 1, clientName: 'reindeer-cli' });
  const sink = connections.sink(definition);
  try {
    // The first one pays for connecting.
    await sink.search(index, 'reindeer', 1, signal);
    const answers: Answer[] = [];
    for (const query of QUERIES) {
      const began = performance.now();
      const hits = await sink.search(index, query, HITS, signal);
      answers.push({ query, ms: performance.now() - began, hits: hits.map(({ body }) => hitText(body)) });
    }
    return answers;
  } finally {
    await sink.close();
    await connections.close();
  }
}

function hitText(body: unknown): string {
  const { label, population } = body as { label?: unknown; population?: unknown };
  const people = typeof population === 'number' && population > 0 ? ` (${formatCount(population)})` : '';
  return `${String(label)}${people}`;
}
